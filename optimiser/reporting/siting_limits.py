"""Which limit keeps chargers from a site where the plan builds none; knows no solver."""

from __future__ import annotations

import math

import numpy as np

from optimiser.network.geodesy import great_circle_m
from optimiser.reporting.siting_reach import may_come
from optimiser.siting.cost import total_cost
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import held_kw, standing
from optimiser.siting.problem import ChargerKind, Site, SitingProblem

LIMITS = {
    "money": "the money left does not pay for it",
    "number": "as many new sites are opened as may be",
    "spacing": "too near to a site that is opened",
    "grid": "the grid node carries no more",
    "banned": "banned by the wishes",
    "excluded": "it lies in an area where nothing may be built",
    "no_kind": "no kind of charger may come there",
    "none": "no limit keeps it out; nothing was found that would make more of it",
}
"""What keeps a site empty, in words."""
TINY = 1e-6


def money_left(problem: SitingProblem, plan: SitingPlan) -> float | None:
    """Of all phases together; None where there is no limit."""
    budgets = [phase.budget for phase in problem.wishes.phases]
    if any(budget is None for budget in budgets):
        return None
    return math.fsum(budget for budget in budgets if budget is not None) - total_cost(problem, plan)


def limits_at_candidates(problem: SitingProblem, plan: SitingPlan) -> dict[str, str]:
    """For each site at which nothing stands in the end, the first limit in its way: a key of `LIMITS`."""
    wishes, stand = problem.wishes, standing(problem, plan)[-1]
    left, held = money_left(problem, plan), held_kw(problem, stand)
    before = held_kw(problem, standing(problem, SitingPlan())[0])
    opened = [site for site in problem.sites if site.id in stand.new_sites and not site.is_required]
    lon, lat = np.array([site.lon for site in opened]), np.array([site.lat for site in opened])
    nodes = {node.id: node for node in problem.grid}

    def upgrade_cost(site: Site, kind: ChargerKind) -> float | None:
        """What one plug asks of the grid; None where it carries none."""
        if site.grid_node is None:
            return 0.0
        node = nodes[site.grid_node]
        used, is_upgraded = held[node.id] + kind.grid_kw, node.id in stand.upgraded
        carried_kw = max(node.hosting_kw, before[node.id]) + TINY
        if used <= carried_kw + is_upgraded * node.upgrade_kw:
            return 0.0
        can_be = not is_upgraded and node.upgrade_kw > 0 and used <= carried_kw + node.upgrade_kw
        return node.upgrade_cost if can_be else None

    def limit(site: Site) -> str:
        kinds = [kind for kind in problem.kinds if may_come(problem, site, kind)]
        if not kinds:
            return "excluded" if site.excluded is not None else "banned" if site.id in wishes.ban else "no_kind"
        if wishes.max_new_sites is not None and len(opened) >= wishes.max_new_sites:
            return "number"
        if opened and (great_circle_m(lon, lat, site.lon, site.lat) < wishes.spacing_m).any():
            return "spacing"
        extra = [(kind.plug_cost, cost) for kind in kinds if (cost := upgrade_cost(site, kind)) is not None]
        if not extra:
            return "grid"
        cheapest = site.open_cost + min(plug + upgrade for plug, upgrade in extra)
        return "money" if left is not None and cheapest > left + TINY else "none"

    taken = {site_id for (site_id, _), plugs in stand.plugs.items() if plugs > 0}
    return {site.id: limit(site) for site in problem.sites if site.id not in taken}
