"""
Takes over from a better plan what is worth its changes.

Vans whose routes exchanged stops or work at the same stations belong together; each such group changes wholly or not
at all, the one that saves most for a changed stop first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from optimiser.rebalancing.plan import Plan, Route


def accept(
    current: Plan, better: Plan, *, score: Callable[[Plan], float | None], changed: Callable[[Plan], int]
) -> Plan:
    """
    The cheapest plan on the way from one to the other.

    Parameters
    ----------
    score
        What a plan costs, with the price of its changes; None where it may not be.
    changed
        Stops that differ from the current plan's.
    """
    best, price = current, score(current)
    if price is None:
        return current
    ranked = []
    for number, group in enumerate(_groups(current, better)):
        trial = _taking(current, better, group)
        trial_price = score(trial)
        if trial_price is not None and trial_price < price - 1e-9:
            ranked.append(((price - trial_price) / (changed(trial) or 0.5), -number, group))
    for _, _, group in sorted(ranked, key=lambda one: one[:2], reverse=True):
        trial = _taking(best, better, group)
        trial_price = score(trial)
        if trial_price is not None and trial_price < price - 1e-9:
            best, price = trial, trial_price
    whole_price = score(better)
    return better if whole_price is not None and whole_price < price - 1e-9 else best


def _groups(current: Plan, better: Plan) -> list[frozenset[str]]:
    """Vans that have to change together."""
    old, new = _routes(current), _routes(better)
    touched = {}
    for van_id in [*old, *(van_id for van_id in new if van_id not in old)]:
        before, after = old.get(van_id), new.get(van_id)
        if before != after:
            touched[van_id] = _changed_places(before, after)
    groups: list[tuple[set[str], set[str]]] = []
    for van_id, places in touched.items():
        vans, joined = {van_id}, set(places)
        apart = []
        for group_vans, group_places in groups:
            if group_places & joined:
                vans |= group_vans
                joined |= group_places
            else:
                apart.append((group_vans, group_places))
        groups = [*apart, (vans, joined)]
    return [frozenset(vans) for vans, _ in groups]


def _changed_places(before: Route | None, after: Route | None) -> set[str]:
    """Where the two do not do the same."""
    old = Counter(() if before is None else before.stops)
    new = Counter(() if after is None else after.stops)
    return {stop.station_id for stop in (*(old - new), *(new - old))}


def _taking(current: Plan, better: Plan, vans: frozenset[str]) -> Plan:
    """The plan with these vans' routes from the better one."""
    new = _routes(better)
    kept = [new.get(route.van_id) if route.van_id in vans else route for route in current.routes]
    known = {route.van_id for route in current.routes}
    added = [route for route in better.routes if route.van_id in vans and route.van_id not in known]
    return Plan(routes=tuple(route for route in (*kept, *added) if route is not None))


def _routes(plan: Plan) -> dict[str, Route]:
    return {route.van_id: route for route in plan.routes}
