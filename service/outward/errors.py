"""Why an address could not be reached, or may not be."""

from __future__ import annotations

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding, Severity

REFUSALS = frozenset({"address_malformed", "address_scheme", "address_userinfo", "address_inside", "address_unknown"})
"""Codes of addresses that nothing was sent to."""


class Unreachable(InvalidInput):
    """Nothing came back from an address that can be used; `finding` says why, with the address as its source."""

    def __init__(self, finding: Finding) -> None:
        super().__init__("request to the outside", findings=(finding,))
        self.finding = finding

    @property
    def code(self) -> str:
        """Of the finding."""
        return self.finding.code


def unreachable(url: str, code: str, message: str, *, hint: str = "") -> Unreachable:
    """The error about one address."""
    return Unreachable(
        Finding(code=code, severity=Severity.ERROR, source=url, where="", value=url, message=message, hint=hint)
    )
