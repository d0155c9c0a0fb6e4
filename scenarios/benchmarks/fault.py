"""What a judge of benchmark answers finds; the judges import nothing of the optimiser, not even its words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One broken rule of the published problem: its name, the ids it is about, by how much, and a sentence."""

    rule: str
    ids: tuple[str, ...]
    amount: float
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"
