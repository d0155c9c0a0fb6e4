"""
The error tree.

    EvenfleetError
    ├── InvalidInput        the caller's data; carries every finding (also a ValueError)
    │   └── InvalidProblem  a problem that cannot be stated
    └── NetworkError        places that cannot be reached or snapped; carries their ids
"""

from __future__ import annotations

from collections.abc import Sequence

from optimiser.basics.finding import Finding


class EvenfleetError(Exception):
    """Anything that evenfleet raises on purpose."""


class InvalidInput(EvenfleetError, ValueError):
    """
    The caller's data is wrong; `findings` lists every error with its place and what would be right.

    `warnings` are what was found odd beside them, such as a misspelled column.
    """

    def __init__(self, what: str, *, findings: Sequence[Finding] = (), warnings: Sequence[Finding] = ()) -> None:
        self.what = what
        self.findings = tuple(findings)
        self.warnings = tuple(warnings)
        count = len(self.findings)
        head = f"{what}: {count} error{'s' if count != 1 else ''}" if count else what
        super().__init__("\n".join([head, *(f"  - {finding}" for finding in self.findings)]))


class InvalidProblem(InvalidInput):
    """A planning problem that contradicts itself."""


class NetworkError(EvenfleetError):
    """Places are off the street graph or cannot reach each other; `ids` names them."""

    def __init__(self, message: str, *, ids: Sequence[str] = ()) -> None:
        self.ids = tuple(ids)
        super().__init__(message)
