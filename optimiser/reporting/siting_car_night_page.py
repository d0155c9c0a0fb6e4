"""The night of cars that a study was weighed by, as rows and sentences for the page and the terminal."""

from __future__ import annotations

from typing import Any

from optimiser.reporting.siting_car_night import CarNight, saved_figures
from optimiser.reporting.siting_saved import between, in_a_year, is_open, proof, saved_row, saves
from optimiser.reporting.siting_study import Study
from optimiser.reporting.words import counted, number


def car_night_shown(study: Study, told: CarNight) -> dict[str, Any]:
    """Rows of figures, and sentences."""
    least, most = told.saved_between
    return {
        "headline": car_night_headline(study, told),
        "rows": [saved_row(figure) for figure in saved_figures(told, study.currency)],
        "quality": proof(least, most, told.without.cost - told.with_plugs.cost, study.currency),
        "assumptions": told.assumptions,
    }


def car_night_headline(study: Study, told: CarNight) -> str:
    """What plugs save, in a few sentences."""
    if not told.plugs:
        return f"{_plugs(told)} The night of the cars stays as it is."
    saved = {figure.name: figure for figure in saved_figures(told, study.currency)}
    a_night = [
        (saved["driver_minutes"].saved, 0, "minute(s) of drivers"),
        (saved["car_km"].saved, 1, "km of cars"),
        (saved["lost_trips"].saved, 1, "lost trip(s)"),
        (saved["cost"].saved, 2, study.currency),
    ]
    a_year = [
        (saved["driver_minutes"].a_year / 60, 0, "hour(s) of drivers"),
        (saved["car_km"].a_year, 0, "km"),
        (saved["lost_trips"].a_year, 0, "lost trip(s)"),
        (saved["cost"].a_year, 0, study.currency),
    ]
    low = f"{told.low_charge} of the fleet's {counted(told.cars, 'car')} are low on charge and on no plug"
    trips = f"{told.with_plugs.charging_trips} instead of {told.without.charging_trips} are driven to one"
    return (
        f"{_plugs(told)} In the evening of {told.as_of:%Y-%m-%d} {low}; with the new plugs {trips}. That "
        f"{saves(a_night)} a night, as the searches found it{between(*told.saved_between, study.currency)}"
        f"{in_a_year(a_year, is_open=is_open(*told.saved_between))}. All new plugs for cars cost "
        f"{number(told.plugs_cost)} {study.currency}, and they serve others too."
    )


def _plugs(told: CarNight) -> str:
    """Where the fleet has new plugs, and why it has not more."""
    hubs = counted(len(told.hubs), "charging hub")
    in_use = (
        f"{counted(sum(told.at_stations.values()), 'new plug')} at {len(told.at_stations)} of the fleet's stations and "
        f"zones, {sum(told.hubs.values())} at {hubs} of their own"
    )
    unused = [
        f"{count} {why}"
        for count, why in (
            (told.held_by_others, "that others hold at night"),
            (told.out_of_reach, "that drivers cannot get to"),
        )
        if count
    ]
    return f"{in_use}. Not counted: {', '.join(unused)}." if unused else f"{in_use}."
