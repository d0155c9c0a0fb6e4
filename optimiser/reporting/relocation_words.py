"""Plain words for the report of a night of e-cars."""

from __future__ import annotations

from optimiser.reporting import words
from optimiser.reporting.relocation_figures import CarFigures, energy_saving
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.words import counted, ending, number

STATES = {
    "deficit": ("▼", "too few ready cars"),
    "surplus": ("▲", "too many ready cars"),
    "fine": ("●", "as wanted"),
    "hub": ("■", "nobody rents here"),
    "out": ("×", "not planned"),
}
"""Sign and words for how a station stands."""

REASONS = {
    "OUT_OF_SERVICE": "out of service",
    "BOOKED": "booked",
    "NOT_THERE_YET": "not there yet",
    "NO_CONNECTOR": "no plug fits",
    "CANNOT_MOVE": "cannot be driven",
    "CANNOT_REACH_PLUG": "too empty to reach a plug",
    "CLOSED": "closed while drivers work",
    "TOO_LITTLE_TIME_TO_CHARGE": "too little time to charge",
    "NO_FREE_PLUG": "no plug is free long enough",
    "NO_POWER": "the site's power is shared",
    "NO_BAY": "no bay is free",
    "NO_SPARE_CAR": "no car to spare elsewhere",
    "NO_SKILL": "no driver has the skill",
    "NO_DRIVER_TIME": "drivers have no time left",
    "NOT_WORTH_IT": "costs more than it gains",
    "SEARCH_LIMIT": "the search ended first",
    "FAR_FROM_STREET": "too far from the streets",
    "UNREACHABLE": "out of reach on the streets",
}
"""Words for the code of a reason."""

KINDS = {
    "must": "Must-do work",
    "task": "Tasks",
    "station": "Stations short of ready cars",
    "zone": "Zones missed",
    "car": "Cars that are not ready",
    "place": "Places that take no part",
}
"""Headings of what is left undone, in the order in which they are told."""

COSTS = {
    "lost_trips": "Lost trips",
    "driver_hours": "Driver hours",
    "driver_use": "Drivers who set out",
    "ride_km": "Ways of drivers without a car",
    "car_km": "Wear of cars",
    "energy": "Energy",
    "co2": "CO₂",
    "missing_kwh": "Charge that cars lack of their goals",
    "tasks": "Tasks left undone",
    "must": "Must-do work left undone",
    "zones": "Zones missed",
}
"""Words for the terms of the cost."""


def clock(night: RelocationNight, seconds: int) -> str:
    """`22:14` of the city's own clock, with the offset in a night in which the clocks change."""
    changes = night.local_time(0).utcoffset() != night.local_time(night.problem.opening_s).utcoffset()
    return words.clock(night.local_time(seconds), with_offset=changes)


def headline(before: CarFigures, after: CarFigures) -> str:
    """The night in two or three sentences."""
    lost = (
        f"Trips expected to be lost over the next day: {number(before.lost_trips, 1)} if nobody drives, "
        f"{number(after.lost_trips, 1)} with this plan. "
        f"Cars ready at opening: {before.ready_cars}, then {after.ready_cars}."
    )
    if not after.drivers:
        return f"Every driver stays at home: no drive was found that is worth its cost. {lost}"
    return (
        f"{counted(after.drivers, 'driver')} {'moves' if after.drivers == 1 else 'move'} "
        f"{counted(after.cars_moved, 'car')} in {number(after.driver_hours, 1)} hours: {number(after.car_km, 1)} km "
        f"by car, {number(after.ride_km, 1)} km without. {lost}"
    )


def quality(night: RelocationNight) -> list[str]:
    """What the plan costs, how far it may be from the best, and why the search ended."""
    result, currency = night.result, night.fleet.currency
    saved = night.cost_before.total - night.cost_after.total
    plan = f"In all the plan costs {number(result.objective)} {currency}"
    nothing = "a night without drivers, in which what is on a plug charges at once"
    told = [f"{plan}; {nothing}, {number(night.cost_before.total)} {currency}: it saves {number(saved)} {currency}."]
    if result.gap == 0:
        told.append("No plan can cost less; that is proven.")
    else:
        told.append(
            f"No plan can cost less than {number(result.best_bound)} {currency}; that is proven. "
            f"So a better plan could save at most {number(100 * result.gap, 1)} % of this plan's cost (the gap)."
        )
    told.append(ending(result.stop_reason, result.elapsed_s))
    return told


def smart_charging(night: RelocationNight, plain: CarFigures, after: CarFigures) -> list[str]:
    """What choosing the time of charging saves, against the same drives with cars that charge at once."""
    currency = night.fleet.currency
    if not plain.charged_kwh and not after.charged_kwh:
        return ["Nothing is charged tonight."]
    money, kg = plain.energy_cost - after.energy_cost, plain.co2_kg - after.co2_kg
    total = night.cost_plain.total - night.cost_after.total
    at_once = "If every car charged at full power from the moment it is plugged in until it is full"
    saved = f"{number(money)} {currency} of energy and {number(kg, 1)} kg of CO₂"
    told = [
        f"{at_once}, the same drives would take {_energy(plain, currency)}.",
        f"This plan takes {_energy(after, currency)}.",
        f"That saves {saved}, {number(total)} {currency} in all.",
    ]
    parts = energy_saving(plain, after)
    if number(parts.fewer_kwh) != "0":
        more = "fewer" if parts.fewer_kwh > 0 else "more"
        told.append(
            f"Of the energy, {number(parts.by_hours)} {currency} are saved by other hours, and "
            f"{number(parts.by_kwh)} {currency} by charging {number(abs(parts.fewer_kwh))} kWh {more}."
        )
    if plain.charged_kwh and after.charged_kwh:
        price, price_at_once = (its.energy_cost / its.charged_kwh for its in (after, plain))
        grams, grams_at_once = (1000 * its.co2_kg / its.charged_kwh for its in (after, plain))
        told.append(
            f"A kWh costs {number(price, 2)} {currency} instead of {number(price_at_once, 2)}, and emits "
            f"{number(grams)} g instead of {number(grams_at_once)} g."
        )
    return told


def _energy(figures: CarFigures, currency: str) -> str:
    money = f"{number(figures.energy_cost)} {currency}"
    return f"{number(figures.charged_kwh)} kWh for {money} with {number(figures.co2_kg, 1)} kg of CO₂"
