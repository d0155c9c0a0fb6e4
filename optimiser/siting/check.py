"""
Every rule that a plan breaks; knows no solver.

Each rule has one name here, in the model, in reports and in `docs/models/siting.md`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from optimiser.basics.result import Violation
from optimiser.network.geodesy import great_circle_m
from optimiser.siting.cost import cost, district_shares, served_share, situation
from optimiser.siting.money import is_beyond
from optimiser.siting.plan import Serving, SitingPlan
from optimiser.siting.plugs import Standing, held_kw, standing
from optimiser.siting.problem import SitingProblem

TOLERANCE = 1e-6
"""Of sums of shares: what floating-point numbers may be off, relatively."""


def check(problem: SitingProblem, plan: SitingPlan) -> tuple[Violation, ...]:
    """All that is wrong with a plan; nothing where it keeps to every rule."""
    unknown = tuple(_unknown(problem, plan))
    if unknown:
        return unknown  # The rest cannot be told of places that do not exist.
    stands = standing(problem, plan)
    return (
        *_plugs(problem, plan, stands[-1]),
        *_power(problem, plan, stands),
        *_budget(problem, plan),
        *_new_sites(problem, stands[-1]),
        *_servings(problem, plan),
        *(broken for serving in plan.servings for broken in _serving(problem, serving, stands[serving.phase])),
    )


def _unknown(problem: SitingProblem, plan: SitingPlan) -> Iterator[Violation]:
    """Ids and rows that do not exist."""
    phases, nodes = range(len(problem.wishes.phases)), {node.id for node in problem.grid}
    for item in plan.installations:
        if item.site_id not in problem.site_index or item.kind_id not in problem.kind_by_id or item.phase not in phases:
            text = f"phase {item.phase} builds {item.kind_id} at {item.site_id}: one of them does not exist"
            yield Violation(rule="unknown_id", ids=(item.site_id, item.kind_id), amount=1.0, text=text)
    for upgrade in plan.upgrades:
        if upgrade.node_id not in nodes or upgrade.phase not in phases:
            text = f"phase {upgrade.phase} upgrades grid node {upgrade.node_id}: one of them does not exist"
            yield Violation(rule="unknown_id", ids=(upgrade.node_id,), amount=1.0, text=text)
    for serving in plan.servings:
        is_known = serving.phase in phases and serving.scenario in range(len(problem.wishes.scenarios))
        rows = ((serving.pair, len(problem.point)), (serving.kind, len(problem.kinds)))
        if not is_known or any(len(row) and (row.min() < 0 or row.max() >= count) for row, count in rows):
            text = f"who charges where in phase {serving.phase}, scenario {serving.scenario}: some rows do not exist"
            yield Violation(rule="unknown_id", ids=(), amount=1.0, text=text)


def _plugs(problem: SitingProblem, plan: SitingPlan, stand: Standing) -> Iterator[Violation]:
    """What may stand at a site, and how much of it."""
    for item in plan.installations:
        if item.plugs < 1:
            text = (
                f"phase {item.phase} builds {item.plugs} plugs of {item.kind_id} at {item.site_id}, at least 1 can be"
            )
            yield Violation(rule="plugs_positive", ids=(item.site_id, item.kind_id), amount=1 - item.plugs, text=text)
    for (site_id, kind_id), count in sorted(stand.new.items()):
        site, kind = problem.sites[problem.site_index[site_id]], problem.kind_by_id[kind_id]
        if kind_id not in site.kinds:
            text = f"{count} plugs of {kind_id} are built at {site_id}, where only {_list(site.kinds)} may be"
            yield Violation(rule="kind_allowed", ids=(site_id, kind_id), amount=count, text=text)
        over = stand.plugs[site_id, kind_id] - kind.max_plugs
        if over > 0:
            text = f"site {site_id} has {stand.plugs[site_id, kind_id]} plugs of {kind_id}, {kind.max_plugs} may be"
            yield Violation(rule="kind_plugs", ids=(site_id, kind_id), amount=over, text=text)
    for site_id in sorted(stand.new_sites):
        site = problem.sites[problem.site_index[site_id]]
        total = sum(stand.at(site_id).values())
        if total > site.max_plugs:
            text = f"site {site_id} has {total} plugs, room for {site.max_plugs}"
            yield Violation(rule="site_plugs", ids=(site_id,), amount=total - site.max_plugs, text=text)


def _power(problem: SitingProblem, plan: SitingPlan, stands: tuple[Standing, ...]) -> Iterator[Violation]:
    """What sites draw and what grid nodes hold ready, at the end of each phase."""
    for phase, stand in enumerate(stands):
        for site_id in sorted(stand.new_sites):
            site = problem.sites[problem.site_index[site_id]]
            drawn = sum(count * problem.kind_by_id[kind].power_kw for kind, count in stand.at(site_id).items())
            if site.max_kw is not None and drawn > site.max_kw * (1 + TOLERANCE):
                text = f"plugs at {site_id} draw {drawn:g} kW in phase {phase}, {site.max_kw:g} kW may be"
                yield Violation(rule="site_power", ids=(site_id,), amount=drawn - site.max_kw, text=text)
        held, before = held_kw(problem, stand), held_kw(problem, _nothing_new(problem))
        for node in problem.grid:
            upgrade_kw = node.upgrade_kw if node.id in stand.upgraded else 0.0
            room = max(node.hosting_kw, before[node.id]) + upgrade_kw
            if held[node.id] > room * (1 + TOLERANCE) + TOLERANCE:
                text = f"grid node {node.id} holds {held[node.id]:g} kW ready in phase {phase}, it can {room:g} kW"
                yield Violation(rule="grid_hosting", ids=(node.id,), amount=held[node.id] - room, text=text)
    for node_id, count in sorted(Counter(item.node_id for item in plan.upgrades).items()):
        node = next(item for item in problem.grid if item.id == node_id)
        if node.upgrade_kw <= 0 or count > 1:
            text = f"grid node {node_id} is upgraded, which cannot be"
            yield Violation(rule="grid_upgrade", ids=(node_id,), amount=1.0, text=text)


def _nothing_new(problem: SitingProblem) -> Standing:
    return standing(problem, SitingPlan())[0]


def _budget(problem: SitingProblem, plan: SitingPlan) -> Iterator[Violation]:
    """Money that has come by each phase against what is spent by then."""
    spent, given = 0.0, 0.0
    for phase, costs in zip(problem.wishes.phases, cost(problem, plan), strict=True):
        spent += costs.total
        if phase.budget is None:
            return  # From here on there is no limit.
        given += phase.budget
        if is_beyond(spent, given):
            text = f"by phase {phase.name} {spent:,.2f} are spent, {given:,.2f} are there"
            yield Violation(rule="budget", ids=(phase.name,), amount=spent - given, text=text)


def _new_sites(problem: SitingProblem, stand: Standing) -> Iterator[Violation]:
    """How many new sites, how far apart, which must and must not be."""
    wishes, built = problem.wishes, sorted(stand.new_sites)
    opened = [id_ for id_ in built if not problem.sites[problem.site_index[id_]].is_required]
    if wishes.max_new_sites is not None and len(opened) > wishes.max_new_sites:
        are = "1 new site is" if len(opened) == 1 else f"{len(opened)} new sites are"
        text = f"{are} opened, {wishes.max_new_sites} may be"
        yield Violation(rule="max_new_sites", ids=(), amount=len(opened) - wishes.max_new_sites, text=text)
    for id_ in built:
        if id_ in wishes.ban:
            yield Violation(rule="ban", ids=(id_,), amount=1.0, text=f"something is built at {id_}, which is banned")
    for id_ in sorted(wishes.force - stand.new_sites):
        yield Violation(rule="force", ids=(id_,), amount=1.0, text=f"nothing is built at {id_}, which is asked for")
    if wishes.spacing_m > 0:
        for one, other in combinations(opened, 2):
            between = distance_m(problem, one, other)
            if between < wishes.spacing_m * (1 - TOLERANCE):
                text = f"new sites {one} and {other} are {between:.0f} m apart, {wishes.spacing_m:.0f} m are asked for"
                yield Violation(rule="spacing", ids=(one, other), amount=wishes.spacing_m - between, text=text)


def distance_m(problem: SitingProblem, one: str, other: str) -> float:
    """Metres between two sites in a straight line."""
    a, b = (problem.sites[problem.site_index[id_]] for id_ in (one, other))
    return float(great_circle_m(np.array([a.lon]), np.array([a.lat]), np.array([b.lon]), np.array([b.lat]))[0])


def _servings(problem: SitingProblem, plan: SitingPlan) -> Iterator[Violation]:
    """Each phase and scenario told once."""
    told = Counter((serving.phase, serving.scenario) for serving in plan.servings)
    for phase in range(len(problem.wishes.phases)):
        for scenario in range(len(problem.wishes.scenarios)):
            if told[phase, scenario] != 1:
                text = f"who charges where in phase {phase}, scenario {scenario} is told {told[phase, scenario]} times"
                yield Violation(rule="serving_once", ids=(), amount=1.0, text=text)


def _serving(problem: SitingProblem, serving: Serving, stand: Standing) -> Iterator[Violation]:
    """Who charges where: within reach, at a plug that serves them, at most once, and without queues."""
    phase, scenario = situation(problem, serving)
    weight, when = problem.weights(phase, scenario), f"in phase {phase.name}, scenario {scenario.name}"
    rates: Counter[tuple[str, str]] = Counter()
    for pair, kind_row, share in zip(serving.pair, serving.kind, serving.share, strict=True):
        row = problem.point[pair]
        point, site, kind = problem.demand[row], problem.sites[problem.access.site[pair]], problem.kinds[kind_row]
        segment = problem.segment_by_id[point.segment]
        if problem.access.travel_s[pair] > segment.reach_s:
            text = f"{point.id} goes {problem.access.travel_s[pair]} s to {site.id} {when}, {segment.reach_s} s at most"
            yield Violation(rule="reach", ids=(point.id, site.id), amount=share, text=text)
        if kind.id not in segment.kinds or stand.plugs[site.id, kind.id] < 1:
            text = f"{point.id} charges at {kind.id} of {site.id} {when}, which does not serve it"
            yield Violation(rule="kind_serves", ids=(point.id, site.id, kind.id), amount=share, text=text)
        if not 0 <= share <= 1 + TOLERANCE:
            text = f"a share of {share:g} of {point.id} charges at {site.id} {when}, must be within 0..1"
            yield Violation(rule="served_share", ids=(point.id, site.id), amount=abs(share), text=text)
        rates[site.id, kind.id] += share * weight[row] * segment.sessions_per_hour
    total = served_share(problem, serving)
    for row in np.flatnonzero(total > 1 + TOLERANCE):
        text = f"{total[row]:.6f} of {problem.demand[row].id} charges somewhere {when}, 1 at most can"
        yield Violation(rule="served_share", ids=(problem.demand[row].id,), amount=total[row] - 1, text=text)
    for (site_id, kind_id), rate in sorted(rates.items()):
        most = problem.kind_by_id[kind_id].sessions_per_hour(stand.plugs[site_id, kind_id])
        if rate > most * (1 + TOLERANCE) + TOLERANCE:
            text = f"{rate:.3f} sessions an hour begin at {kind_id} of {site_id} {when}, waiting allows {most:.3f}"
            yield Violation(rule="waiting", ids=(site_id, kind_id), amount=rate - most, text=text)
    if serving.phase == len(problem.wishes.phases) - 1:
        for district, share in district_shares(problem, serving).items():
            floor = problem.floor_of(district)
            if share < floor - TOLERANCE:
                text = f"{share:.1%} of district {district} is served {when}, {floor:.1%} is asked for"
                yield Violation(rule="floor", ids=(district,), amount=floor - share, text=text)


def _list(ids: frozenset[str]) -> str:
    return ", ".join(sorted(ids)) or "nothing"
