"""What a study saves at night, as figures and in words: the same for bikes and for cars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from optimiser.reporting.words import number


class SavedFigure(NamedTuple):
    """One figure of a night, and what is saved of it."""

    name: str
    label: str
    digits: int
    without: float
    having: float
    """With what the study builds."""
    a_year: float
    """Saved in a year."""

    @property
    def saved(self) -> float:
        """In a night."""
        return self.without - self.having


Row = tuple[str, str, str, str, str]


def saved_row(figure: SavedFigure) -> Row:
    """Label, without, with, saved, saved a year."""
    shown = (number(amount, figure.digits) for amount in (figure.without, figure.having, figure.saved))
    return (figure.label, *shown, number(figure.a_year))  # type: ignore[return-value]


def saves(amounts: Sequence[tuple[float, int, str]]) -> str:
    """
    `saves 2.0 km of vans and costs 14.00 EUR more`: what is saved, and what is saved less than nothing of.

    Amounts come with their digits and with what they are of: `minute(s) of drivers`.
    """
    saved = [_amount(amount, digits, of) for amount, digits, of in amounts if round(amount, digits) >= 0]
    lost = [_amount(-amount, digits, of) for amount, digits, of in amounts if round(amount, digits) < 0]
    parts = [f"saves {_listed(saved)}"] if saved else []
    return " and ".join([*parts, f"costs {_listed(lost)} more"] if lost else parts)


def _amount(amount: float, digits: int, of: str) -> str:
    """`1 minute`, `2 minutes`."""
    told = number(amount, digits)
    return f"{told} {of.replace('(s)', '' if told == '1' else 's')}"


def in_a_year(amounts: Sequence[tuple[float, int, str]], *, is_open: bool) -> str:
    """What is saved in a year of nights like those that were planned."""
    return f"; in a year of such nights it {saves(amounts)}{', as found and not proven' if is_open else ''}"


def is_open(least: float, most: float) -> bool:
    """Whether it is proven neither that the best plans save money, nor that they do not."""
    return least <= 0 < most


def between(least: float, most: float, currency: str) -> str:
    """What is proven of the money, in brackets."""
    then = ", so that it is open whether money is saved" if is_open(least, most) else ""
    amounts = f"{number(least, 2)} and {number(most, 2)} {currency}"
    return f" (what the best plans save is proven to lie between {amounts}{then})"


def proof(least: float, most: float, saved: float, currency: str) -> str:
    """How sure it is that the best plans of a night save anything, as a sentence."""
    if least >= 0:
        amounts = f"{number(least, 2)} {currency} at least and {number(most, 2)} {currency} at most"
        return f"Between the best plans of a night they save {amounts}; that is proven."
    if most < 0:
        amounts = f"{number(-most, 2)} {currency} at least and {number(-least, 2)} {currency} at most"
        return f"Between the best plans of a night they cost {amounts} more; that is proven."
    what = "save anything" if saved >= 0 else "cost more"
    return (
        f"What they save between the best plans of a night is proven to lie within {number(least, 2)} {currency} and "
        f"{number(most, 2)} {currency} only: that they {what} is as the searches found it, and longer ones would tell "
        "more."
    )


def saved_document(figures: Sequence[SavedFigure], *, having: str) -> tuple[dict[str, Any], dict[str, float]]:
    """As plain values: a night without and with what the study builds, and what is saved of it a year."""
    night = {item.name: {"without": item.without, having: item.having, "saved": item.saved} for item in figures}
    return night, {item.name: item.a_year for item in figures}


def _listed(texts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
