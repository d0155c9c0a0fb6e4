"""The nights that a study was weighed by, as rows and sentences for the page and the terminal."""

from __future__ import annotations

from typing import Any

from optimiser.reporting.siting_nights import BikeNights, saved_figures
from optimiser.reporting.siting_saved import between, in_a_year, proof, saved_row, saves
from optimiser.reporting.siting_study import Study
from optimiser.reporting.words import counted, number


def nights_shown(study: Study, told: BikeNights) -> dict[str, Any]:
    """Rows of figures, rows of nights, and sentences."""
    return {
        "headline": nights_headline(study, told),
        "rows": [saved_row(figure) for figure in saved_figures(told, study.currency)],
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
        (saved["van_minutes"].saved, 0, "minute(s)"),
        (saved["swaps"].saved, 1, "swap(s)"),
        (saved["cost"].saved, 2, study.currency),
    ]
    a_year = [
        (saved["van_km"].a_year, 0, "km"),
        *([] if told.is_open else [(saved["cost"].a_year, 0, study.currency)]),
        (saved["co2_kg"].a_year, 0, "kg of CO₂"),
    ]
    return (
        f"{there}. Of {counted(low, 'bike')} low on charge in {counted(len(told.nights), 'night')}, {gone} need no "
        f"van. That {saves(a_night)} a night, as the searches found it"
        f"{between(*told.cost_saved_between, study.currency)}{in_a_year(a_year, is_open=told.is_open)}."
        f"{_paid(study, told)}"
    )


def _paid(study: Study, told: BikeNights) -> str:
    years = told.years_to_pay
    after = "" if years is None else f", which that pays back in {number(years, 1)} years"
    return f" These docks cost {number(told.docks_cost)} {study.currency}{after}."


def _quality(study: Study, told: BikeNights) -> str:
    """How sure the saving is."""
    saved = [night.without.cost - night.with_docks.cost for night in told.nights]
    spread = f"From night to night docks {_range(min(saved), max(saved), study.currency)}. "
    least, most = told.cost_saved_between
    return (spread if len(saved) > 1 else "") + proof(least, most, told.saved("cost"), study.currency)


def _range(least: float, most: float, currency: str) -> str:
    """What is saved from one night to another, or spent."""
    if least >= 0:
        return f"save {number(least, 2)} to {number(most, 2)} {currency}"
    if most <= 0:
        return f"cost {number(-most, 2)} to {number(-least, 2)} {currency} more"
    return f"cost up to {number(-least, 2)} {currency} more and save up to {number(most, 2)} {currency}"
