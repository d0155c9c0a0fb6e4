"""Plans the packs of all depots of a city for one night, and lets nothing out unchecked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optimiser.basics.battery_terms import Batteries, Cabinet
from optimiser.basics.errors import EvenfleetError
from optimiser.basics.findings import Findings
from optimiser.basics.night_grid import NightGrid
from optimiser.batteries.check import check
from optimiser.batteries.cost import amounts
from optimiser.batteries.outcome import BatteryNight, DepotCharging
from optimiser.batteries.plain import plug_and_charge
from optimiser.batteries.plan import Plan
from optimiser.batteries.problem import Arrival, Problem
from optimiser.batteries.smart import charge_smartly


def charge_batteries(
    batteries: Batteries,
    grid: NightGrid,
    end_s: int,
    brought: Mapping[str, Sequence[Arrival]],
    *,
    changes: Mapping[str, Sequence[int]],
    findings: Findings,
) -> BatteryNight:
    """
    Plan the packs of every depot; depots share nothing, so each is a problem of its own.

    Parameters
    ----------
    brought
        Packs that vans bring, by depot, in time order; also to depots that have no cabinet.
    changes
        By depot, seconds at which somebody changes packs.
    findings
        Told of a plan that the checker refuses, and of one that is not proven best.
    """
    of_depot = {cabinet.depot_id: cabinet for cabinet in batteries.cabinets}
    depots = []
    for depot_id in dict.fromkeys((*of_depot, *brought)):
        cabinet = of_depot.get(depot_id) or Cabinet(depot_id=depot_id, slots=0, slot_kw=0.0)
        problem = Problem(
            depot_id=depot_id,
            slots=cabinet.slots,
            slot_kw=cabinet.slot_kw,
            site_kw=cabinet.site_kw,
            need_kwh=batteries.need_kwh,
            arrivals=_arrivals(cabinet.waiting, brought.get(depot_id, ())),
            changes=tuple(changes.get(depot_id, ())),
            end_s=end_s,
            grid=grid,
            co2_price=batteries.co2_kg,
        )
        depots.append(_planned(problem, findings))
    return BatteryNight(batteries=batteries, grid=grid, end_s=end_s, depots=tuple(depots))


def _arrivals(waiting: int, brought: Sequence[Arrival]) -> tuple[Arrival, ...]:
    packs: dict[int, int] = {0: waiting} if waiting else {}
    for arrival in brought:
        packs[arrival.time_s] = packs.get(arrival.time_s, 0) + arrival.packs
    return tuple(Arrival(time_s=time_s, packs=count) for time_s, count in sorted(packs.items()))


def _planned(problem: Problem, findings: Findings) -> DepotCharging:
    plain = plug_and_charge(problem)
    if broken := check(problem, plain):
        raise EvenfleetError(f"charging at once breaks {broken[0].rule}: {broken[0].text}")
    found = charge_smartly(problem)
    plan, is_best = found if found is not None else (plain, False)
    for violation in check(problem, plan):
        findings.warning(
            "charging_refused",
            f"packs were to be charged so that {violation.rule} is broken: {violation.text}",
            source="batteries",
            where=f"depot {problem.depot_id}",
            hint="the checker refused it and they are charged at once; please report this",
        )
        plan, is_best = plain, False
    if not is_best and _rank(problem, plain) > _rank(problem, plan):
        plan = plain
    if not is_best:
        findings.warning(
            "charging_not_proven",
            "the best charging of its packs was not proven in time; what is planned is no worse than charging at once",
            source="batteries",
            where=f"depot {problem.depot_id}",
            hint="fewer `changes`, or a larger site_kw",
        )
    return DepotCharging(problem=problem, plan=plan, plain=plain, is_proven_best=is_best)


def _rank(problem: Problem, plan: Plan) -> tuple[int, float, float]:
    """More is better: full packs, then kWh, then money."""
    found = amounts(problem, plan)
    return found.full, round(found.kwh, 6), -found.cost
