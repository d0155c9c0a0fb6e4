"""How far an answer is proven, told from figures and never from a clock."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Of a choice of sites."""

    PROVEN = "proven"
    """No choice is better."""
    BOUNDED = "bounded"
    """None can be better than the bound."""
    HEURISTIC = "heuristic"
    """Nothing is known of better ones."""
