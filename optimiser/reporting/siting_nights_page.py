"""The nights that a study was weighed by, as rows and sentences for the page and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optimiser.reporting.siting_nights import BikeNights, saved_figures
from optimiser.reporting.siting_study import Study
from optimiser.reporting.words import counted, number


def nights_shown(study: Study, told: BikeNights) -> dict[str, Any]:
    """Rows of figures, rows of nights, and sentences."""
    return {
        "headline": nights_headline(study, told),
        "rows": [
            (
                figure.label,
                number(figure.without, figure.digits),
                number(figure.with_docks, figure.digits),
                number(figure.saved, figure.digits),
                number(figure.a_year),
            )
            for figure in saved_figures(told, study.currency)
        ],
        "nights": [
            (
                f"{night.as_of:%Y-%m-%d %H:%M}",
                number(night.low_charge),
                number(night.charged),
                number(night.without.van_km, 1),
                number(night.with_docks.van_km, 1),
                number(night.without.swaps),
                number(night.with_docks.swaps),
                number(night.without.cost, 2),
                number(night.with_docks.cost, 2),
            )
            for night in told.nights
        ],
        "quality": _quality(study, told),
        "assumptions": told.assumptions,
    }


def nights_headline(study: Study, told: BikeNights) -> str:
    """What docks save, in two sentences."""
    docks, low = sum(told.docks.values()), sum(night.low_charge for night in told.nights)
    there = f"{counted(docks, 'charging dock')} at {counted(len(told.docks), 'bike station')}"
    if told.docks_elsewhere:
        there += f", and {told.docks_elsewhere} where no station is, which save nothing here"
    gone = sum(night.charged for night in told.nights)
    if gone == 0:
        return f"{there}: no bike low on charge stands at them, so nothing is saved."
    saved = {figure.name: figure for figure in saved_figures(told, study.currency)}
    a_night = [
        (saved["van_km"].saved, 1, "km of vans"),
        (saved["van_minutes"].saved, 0, "minutes"),
        (saved["swaps"].saved, 1, "swaps"),
        (saved["cost"].saved, 2, study.currency),
    ]
    a_year = [
        (saved["van_km"].a_year, 0, "km"),
        *([] if told.is_open else [(saved["cost"].a_year, 0, study.currency)]),
        (saved["co2_kg"].a_year, 0, "kg of CO₂"),
    ]
    return (
        f"{there}. Of {counted(low, 'bike')} low on charge in {counted(len(told.nights), 'night')}, {gone} need no "
        f"van. That {_saves(a_night)} a night, as the searches found it{_between(study, told)}; in a year it "
        f"{_saves(a_year)}.{_paid(study, told)}"
    )


def _between(study: Study, told: BikeNights) -> str:
    """What is proven of the money."""
    least, most = (number(amount, 2) for amount in told.cost_saved_between)
    then = ", so that it is open whether money is saved" if told.is_open else ""
    return f" (what the best plans save is proven to lie between {least} and {most} {study.currency}{then})"


def _saves(amounts: Sequence[tuple[float, int, str]]) -> str:
    """`saves 2.0 km of vans and costs 14.00 EUR more`: what is saved, and what is saved less than nothing of."""
    saved = [f"{number(amount, digits)} {of}" for amount, digits, of in amounts if round(amount, digits) >= 0]
    lost = [f"{number(-amount, digits)} {of}" for amount, digits, of in amounts if round(amount, digits) < 0]
    parts = [f"saves {_listed(saved)}"] if saved else []
    return " and ".join([*parts, f"costs {_listed(lost)} more"] if lost else parts)


def _listed(texts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _paid(study: Study, told: BikeNights) -> str:
    years = told.years_to_pay
    after = "" if years is None else f", which that pays back in {number(years, 1)} years"
    return f" These docks cost {number(told.docks_cost)} {study.currency}{after}."


def _quality(study: Study, told: BikeNights) -> str:
    """How sure the saving is."""
    saved = [night.without.cost - night.with_docks.cost for night in told.nights]
    spread = f"From night to night docks {_range(min(saved), max(saved), study.currency)}. "
    least, most = told.cost_saved_between
    return (spread if len(saved) > 1 else "") + _proof(told, least, most, study.currency)


def _range(least: float, most: float, currency: str) -> str:
    """What is saved from one night to another, or spent."""
    if least >= 0:
        return f"save {number(least, 2)} to {number(most, 2)} {currency}"
    if most <= 0:
        return f"cost {number(-most, 2)} to {number(-least, 2)} {currency} more"
    return f"cost up to {number(-least, 2)} {currency} more and save up to {number(most, 2)} {currency}"


def _proof(told: BikeNights, least: float, most: float, currency: str) -> str:
    if least >= 0:
        amounts = f"{number(least, 2)} {currency} at least and {number(most, 2)} {currency} at most"
        return f"Between the best plans of a night they save {amounts}; that is proven."
    if most < 0:
        amounts = f"{number(-most, 2)} {currency} at least and {number(-least, 2)} {currency} at most"
        return f"Between the best plans of a night they cost {amounts} more; that is proven."
    what = "save anything" if told.saved("cost") >= 0 else "cost more"
    return (
        f"What they save between the best plans of a night is proven to lie within {number(least, 2)} {currency} and "
        f"{number(most, 2)} {currency} only: that they {what} is as the searches found it, and longer ones would tell "
        "more."
    )
