"""The nights that a study was weighed by, as rows and sentences for the page and the terminal."""

from __future__ import annotations

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
    return (
        f"{there}. Of {counted(low, 'bike')} low on charge in {counted(len(told.nights), 'night')}, {gone} need no "
        f"van. That saves {number(saved['van_km'].saved, 1)} km of vans, {number(saved['van_minutes'].saved)} minutes, "
        f"{number(saved['swaps'].saved, 1)} swaps and {number(saved['cost'].saved, 2)} {study.currency} a night; in a "
        f"year {number(saved['van_km'].a_year)} km, {number(saved['cost'].a_year)} {study.currency} and "
        f"{number(saved['co2_kg'].a_year)} kg of CO₂.{_paid(study, told)}"
    )


def _paid(study: Study, told: BikeNights) -> str:
    years = told.years_to_pay
    after = "" if years is None else f", which that pays back in {number(years, 1)} years"
    return f" These docks cost {number(told.docks_cost)} {study.currency}{after}."


def _quality(study: Study, told: BikeNights) -> str:
    """How sure the saving is."""
    least, most = (f"{number(amount, 2)} {study.currency}" for amount in told.cost_saved_between)
    saved = [night.without.cost - night.with_docks.cost for night in told.nights]
    spread = f"From night to night docks save {number(min(saved), 2)} to {number(max(saved), 2)} {study.currency}. "
    proof = (
        f"Between the best plans of a night they save {least} at least and {most} at most; that is proven."
        if told.cost_saved_between[0] >= 0
        else f"What they save between the best plans of a night is proven to lie within {least} and {most} only: that "
        "they save anything is as the searches found it, and longer ones would tell more."
    )
    return (spread if len(saved) > 1 else "") + proof
