"""What a list asks of an instance, by column; what is wrong with that is told of the row that asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.benchmarks.files import finite_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A row of a list, and where it stands; of an instance that no list names, nothing."""

    row: Mapping[str, str] = field(default_factory=dict)
    """By column in lower case."""
    source: str = ""
    """The list."""
    where: str = ""

    def get(self, column: str) -> str:
        """What a column says; empty where it says nothing."""
        return self.row.get(column, "")

    def wrong(self, findings: Findings, path: Path, code: str, message: str, *, value: Any, hint: str) -> None:
        """Note what is wrong with what is asked; of the instance itself where no list asks."""
        findings.error(code, message, source=self.source or str(path), where=self.where, value=value, hint=hint)

    def sites(self, findings: Findings, path: Path, *, own: float | None, most: int | None) -> int:
        """
        How many are to be chosen, as the row or else the file says; 0, and noted, where that cannot be.

        Parameters
        ----------
        own
            What the file says, if it says anything.
        most
            How many there are to choose from, where that is known.
        """
        told = self.get("p")
        number = finite_number(told) if told else own
        if not told and own is None:
            hint = "name it in a cases.csv with a column p"
            self.wrong(findings, path, "p_missing", "no p is asked", value=told, hint=hint)
            return 0
        if number is None or not number.is_integer() or number < 1 or (most is not None and number > most):
            hint = "a whole number, 1 or more" if most is None else f"a whole number within 1..{most:,}"
            shown = told or f"{own:g}"
            self.wrong(findings, path, "p_wrong", f"p is {shown}", value=shown, hint=hint)
            return 0
        return int(number)

    def number(self, findings: Findings, path: Path, told: str, what: str, *, hint: str) -> float | None:
        """The number that is told; None, and noted, where none is."""
        number = finite_number(told) if told else None
        if number is None:
            message = f"the {what} is {told[:30]!r}" if told else f"no {what} is asked"
            self.wrong(findings, path, f"{what}_missing", message, value=told[:30], hint=hint)
        return number

    def check_form(self, findings: Findings, path: Path, form: str, forms: Sequence[str]) -> None:
        """Note where the column `format` says something else than what the instance looks like."""
        told = self.get("format").casefold()
        if told and told != form:
            seen = f"{path.name} looks like {form}"
            message = f"the format is {told[:30]!r}" + (f", {seen}" if told in forms else "")
            hint = f"{form}, or another file" if told in forms else f"one of {', '.join(forms)}; {seen}"
            self.wrong(findings, path, "format_wrong", message, value=told[:30], hint=hint)
