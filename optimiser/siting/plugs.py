"""What stands where after each phase: the plan replayed, phase by phase."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import SitingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything that stands at the end of one phase."""

    plugs: Counter[tuple[str, str]]
    """By site and kind, those that stood before the first phase included."""
    new: Counter[tuple[str, str]]
    """Of these, what the plan has built."""
    upgraded: frozenset[str]
    """Grid nodes."""

    @property
    def new_sites(self) -> frozenset[str]:
        """Sites at which the plan has built something."""
        return frozenset(site for (site, _), count in self.new.items() if count > 0)

    def at(self, site_id: str) -> dict[str, int]:
        """Plugs of a site, by kind."""
        return {kind: count for (site, kind), count in self.plugs.items() if site == site_id and count > 0}


def standing(problem: SitingProblem, plan: SitingPlan) -> tuple[Standing, ...]:
    """What stands at the end of each phase; ids that do not exist are counted as they are."""
    before = Counter({(site.id, kind): count for site in problem.sites for kind, count in site.plugs.items()})
    stands = []
    for phase in range(len(problem.wishes.phases)):
        new: Counter[tuple[str, str]] = Counter()
        for item in plan.installations:
            if item.phase <= phase:
                new[item.site_id, item.kind_id] += item.plugs
        upgraded = frozenset(item.node_id for item in plan.upgrades if item.phase <= phase)
        stands.append(Standing(plugs=before + new, new=new, upgraded=upgraded))
    return tuple(stands)


def held_kw(problem: SitingProblem, stand: Standing) -> Counter[str]:
    """Power that the grid holds ready, by grid node."""
    held: Counter[str] = Counter()
    for (site_id, kind_id), count in stand.plugs.items():
        node = problem.sites[problem.site_index[site_id]].grid_node
        if node is not None:
            held[node] += count * problem.kind_by_id[kind_id].grid_kw  # type: ignore[assignment]
    return held
