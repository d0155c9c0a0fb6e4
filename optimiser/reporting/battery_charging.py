"""Packs charged at the depots: for plan.json, in sentences, and as drawings."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from optimiser.batteries.cost import Amounts, group_kwh, is_full, slot_kw, steps_of
from optimiser.batteries.left import Left, Reason
from optimiser.batteries.outcome import BatteryNight, DepotCharging
from optimiser.batteries.plan import Group
from optimiser.batteries.problem import Problem
from optimiser.reporting import words
from optimiser.reporting.night import Night
from optimiser.reporting.power_drawing import Stage, drawing
from optimiser.reporting.words import counted, number

REASONS = {
    Reason.NO_CABINET: "the depot has nothing to charge them with",
    Reason.LATE: "they come too late to be full in time, even at full power",
    Reason.NO_SLOT: "no slot is free for them in time, and nobody changes packs in between",
    Reason.SITE_POWER: "what the depot may draw is shared",
}
NOTHING_KW = 1e-6
"""Not worth a drawing."""


def battery_document(night: Night) -> dict[str, Any]:
    """`battery_charging` of plan.json; nothing for a city that says nothing of batteries."""
    packs = night.batteries
    if packs is None:
        return {}
    terms, grid = packs.batteries, packs.grid
    slots = -(-packs.end_s // grid.slot_s)
    document = {
        "begins": night.local_time(0).isoformat(),
        "ready_by": night.local_time(packs.end_s).isoformat(),
        "pack_kwh": terms.pack_kwh,
        "state_of_charge": terms.state_of_charge,
        "efficiency": terms.efficiency,
        "grid_kwh_per_pack": terms.need_kwh,
        "co2_price_per_kg": terms.co2_kg,
        "grid": {
            "source": terms.grid.source,
            "slot_s": grid.slot_s,
            "tariff": list(grid.tariff[:slots]),
            "co2_kg_per_kwh": list(grid.co2_kg[:slots]),
        },
        "planned": _amounts(packs.planned),
        "at_once": _amounts(packs.at_once),
        "saved": packs.saved,
        "is_proven_best": all(depot.is_proven_best for depot in packs.depots),
        "depots": [_depot(night, depot) for depot in packs.depots],
    }
    return {"battery_charging": document}


def battery_sentences(night: Night) -> list[str]:
    """What is charged by when, what it costs, what that saves, and every pack that is not full."""
    packs = night.batteries
    if packs is None:
        return []
    planned, at_once, currency = packs.planned, packs.at_once, night.city.currency
    if not planned.packs:
        return ["No empty packs come to the depots tonight, so none are charged."]
    end = night.local_time(packs.end_s)
    charged = (
        f"{planned.full} of {counted(planned.packs, 'pack')} that come empty {'are' if planned.full != 1 else 'is'} "
        f"full by {words.clock(end)} on {words.day(end)}: {number(planned.kwh, 1)} kWh from the grid, "
        f"{number(planned.tariff, 2)} {currency}, {number(planned.co2_kg, 2)} kg of CO₂."
    )
    beside = (
        f"Charged at once, {at_once.full} would be full for {number(at_once.kwh, 1)} kWh, {number(at_once.tariff, 2)} "
        f"{currency} and {number(at_once.co2_kg, 2)} kg: this plan saves {number(packs.saved, 2)} {currency}"
        f"{', CO₂ priced,' if packs.batteries.co2_kg else ''} and {number(at_once.co2_kg - planned.co2_kg, 2)} kg."
    )
    return [charged, beside, "What the packs cost is no part of the plan's cost above.", *left_sentences(night)]


def left_sentences(night: Night) -> list[str]:
    """A sentence for packs that are not full in time, by depot and reason."""
    packs = night.batteries
    if packs is None:
        return []
    return [_left_text(night, depot.problem, left) for depot in packs.depots for left in depot.left]


def battery_line(night: Night) -> str:
    """The same in one line, for the terminal; blank for a city that says nothing of batteries."""
    packs = night.batteries
    if packs is None:
        return ""
    planned, currency = packs.planned, night.city.currency
    return (
        f"{planned.full} of {planned.packs} full by {words.clock(night.local_time(packs.end_s))}, "
        f"{number(planned.kwh, 1)} kWh, {number(planned.co2_kg, 2)} kg CO2, {number(planned.cost, 2)} {currency}, "
        f"saves {number(packs.saved, 2)} against charging at once"
    )


def battery_stage(night: Night, packs: BatteryNight) -> Stage:
    """What the drawings of all depots share."""
    return Stage(
        grid=packs.grid,
        end_s=packs.end_s,
        local_time=night.local_time,
        clock=lambda seconds: words.clock(night.local_time(seconds)),
    )


def battery_profiles(night: Night) -> list[dict[str, Any]]:
    """A drawing and its rows for each depot at which anything charges, the largest first."""
    packs = night.batteries
    if packs is None:
        return []
    profiles = []
    for depot in packs.depots:
        smart, plain = slot_kw(depot.problem, depot.plan), slot_kw(depot.problem, depot.plain)
        if max(*smart, *plain, 0.0) > NOTHING_KW:
            profile = drawing(battery_stage(night, packs), smart, plain, cap=depot.problem.site_kw)
            profiles.append(profile | _table(night, depot))
    return sorted(profiles, key=lambda profile: (-profile["kwh"], profile["id"]))


def _table(night: Night, depot: DepotCharging) -> dict[str, Any]:
    problem = depot.problem
    return {
        "id": problem.depot_id,
        "name": night.place_by_id[problem.depot_id].name,
        "slots": problem.slots,
        "packs": problem.packs,
        "full": depot.planned.full,
        "groups": [
            {
                "packs": group.packs,
                "in": words.clock(night.local_time(group.from_s)),
                "out": words.clock(night.local_time(group.until_s)),
                "flows": _flows(night, problem, group),
                "kwh": number(group_kwh(problem, group), 1),
                "cost": number(
                    sum(kw * s.hours * s.tariff for kw, s in zip(group.kw, steps_of(problem, group), strict=True)), 2
                ),
                "is_full": is_full(problem, group),
            }
            for group in depot.plan.groups
        ],
    }


def _flows(night: Night, problem: Problem, group: Group) -> str:
    """From the first to the last moment at which power flows."""
    used = [step for kw, step in zip(group.kw, steps_of(problem, group), strict=True) if kw > NOTHING_KW]
    if not used:
        return ""
    return "–".join(words.clock(night.local_time(s)) for s in (used[0].begin_s, used[-1].end_s))


def _depot(night: Night, depot: DepotCharging) -> dict[str, Any]:
    problem = depot.problem
    return {
        "depot_id": problem.depot_id,
        "slots": problem.slots,
        "slot_kw": problem.slot_kw,
        "site_kw": problem.site_kw,
        "changes": [night.local_time(seconds).isoformat() for seconds in problem.changes],
        "arrivals": [
            {"time": night.local_time(arrival.time_s).isoformat(), "packs": arrival.packs}
            for arrival in problem.arrivals
        ],
        "planned": _amounts(depot.planned),
        "at_once": _amounts(depot.at_once),
        "is_proven_best": depot.is_proven_best,
        "power_kw": slot_kw(problem, depot.plan),
        "power_kw_at_once": slot_kw(problem, depot.plain),
        "groups": [_group(night, problem, group) for group in depot.plan.groups],
        "left": [
            {
                "reason": left.reason.value,
                "packs": left.packs,
                "missing_grid_kwh": left.missing_kwh,
                "text": _left_text(night, problem, left),
            }
            for left in depot.left
        ],
    }


def _group(night: Night, problem: Problem, group: Group) -> dict[str, Any]:
    """Packs that share their time in slots, with their power as stretches in which it stays the same."""
    told = zip(group.kw, steps_of(problem, group), strict=True)
    runs = [(kw, [step for _, step in run]) for kw, run in groupby(told, key=lambda pair: pair[0])]
    return {
        "packs": group.packs,
        "in": night.local_time(group.from_s).isoformat(),
        "out": night.local_time(group.until_s).isoformat(),
        "is_full": is_full(problem, group),
        "grid_kwh": group_kwh(problem, group),
        "power": [
            {
                "begin": night.local_time(steps[0].begin_s).isoformat(),
                "end": night.local_time(steps[-1].end_s).isoformat(),
                "kw": round(kw, 9),
            }
            for kw, steps in runs
            if kw > 0
        ],
    }


def _amounts(found: Amounts) -> dict[str, Any]:
    return {
        "packs": found.packs,
        "packs_full": found.full,
        "grid_kwh": found.kwh,
        "tariff_cost": found.tariff,
        "co2_kg": found.co2_kg,
        "co2_cost": found.co2,
        "cost": found.cost,
        "peak_kw": found.peak_kw,
    }


def _left_text(night: Night, problem: Problem, left: Left) -> str:
    place = night.place_by_id.get(problem.depot_id)
    return (
        f"{counted(left.packs, 'pack')} at {place.name if place else problem.depot_id} "
        f"{'are' if left.packs != 1 else 'is'} not full in time, {number(left.missing_kwh, 1)} kWh short: "
        f"{REASONS[left.reason]}."
    )
