"""Located remarks about input: every error at once, each with what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding, Severity

MOST_OF_ONE_FILE = 1000
"""Told one by one; each takes memory, and nobody reads more."""


@dataclass(slots=True)
class Findings:
    """Collects findings so that all of them can be told at once."""

    items: list[Finding] = field(default_factory=list)

    def error(
        self, code: str, message: str, *, source: str, where: str = "", value: Any = None, hint: str = ""
    ) -> None:
        """Note something that must be mended before work can start."""
        self._add(Severity.ERROR, code, message, source=source, where=where, value=value, hint=hint)

    def warning(
        self, code: str, message: str, *, source: str, where: str = "", value: Any = None, hint: str = ""
    ) -> None:
        """Note something odd but possible; it is reported and work goes on."""
        self._add(Severity.WARNING, code, message, source=source, where=where, value=value, hint=hint)

    def _add(
        self, severity: Severity, code: str, message: str, *, source: str, where: str, value: Any, hint: str
    ) -> None:
        self.items.append(
            Finding(
                code=code,
                severity=severity,
                source=source,
                where=where,
                value=value,
                message=message,
                hint=hint,
            )
        )

    def is_flooded(self, before: int, *, source: str, where: str = "") -> bool:
        """Whether a file has so many findings, since there were `before`, that the rest is better not looked at."""
        if len(self.items) - before < MOST_OF_ONE_FILE:
            return False
        text = f"has {MOST_OF_ONE_FILE:,} errors or more; what follows was not looked at"
        self.error("too_many_errors", text, source=source, where=where, hint="mend these first")
        return True

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take over findings made elsewhere."""
        self.items.extend(findings)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Take over what is raised within as `InvalidInput`, so that what else is wrong can be looked for."""
        try:
            yield
        except InvalidInput as error:
            self.extend((*error.findings, *error.warnings))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop the work."""
        return tuple(item for item in self.items if item.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are only reported."""
        return tuple(item for item in self.items if item.severity is Severity.WARNING)

    def raise_errors(self, what: str) -> None:
        """Raise `InvalidInput` with every error, when there is one."""
        if self.errors:
            raise InvalidInput(what, findings=self.errors, warnings=self.warnings)
