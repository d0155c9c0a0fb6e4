"""Sites that are asked for: which of them can be had together, and the least that takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from optimiser.siting.most_forced import most_forced
from optimiser.siting.problem import ChargerKind, GridNode, Site, SitingProblem
from optimiser.siting.room import TINY, Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One plug at each of some sites of one grid node."""

    kw: float = 0.0
    cost: float = 0.0
    kinds: tuple[ChargerKind, ...] = ()
    """Site by site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Sites that can be had together, and of each grid node the ways to have its own: the cheaper, the more power."""

    sites: tuple[Site, ...] = ()
    open_cost: float = 0.0
    new_sites: int = 0
    ways: Mapping[str | None, tuple[Way, ...]] = field(default_factory=dict)
    """By the grid node; None for sites at none."""
    upgrades: Mapping[str | None, float] = field(default_factory=dict)
    """What each node costs that has to be upgraded for its cheapest way."""

    @property
    def cost(self) -> float:
        """The least that one plug at each of them takes, upgrades included."""
        nodes = (way.cost + self.upgrades[node] for node, (way, *_) in self.ways.items())
        return self.open_cost + sum(nodes)

    @property
    def kind_of(self) -> dict[str, ChargerKind]:
        """Of each site, the kind of plug that takes the least."""
        sites: dict[str | None, list[str]] = {}
        for site in self.sites:
            sites.setdefault(site.grid_node, []).append(site.id)
        return {
            id_: kind for node, ids in sites.items() for id_, kind in zip(ids, self.ways[node][0].kinds, strict=True)
        }


class Asking:
    """Puts sites together that are asked for, whatever money and number of new sites there are."""

    def __init__(self, problem: SitingProblem) -> None:
        self.room = Room(problem)
        self._kinds = problem.kinds
        self._node: dict[str | None, GridNode] = {node.id: node for node in problem.grid}

    def and_(self, together: Together, site: Site, *, kinds: Iterable[ChargerKind] | None = None) -> Together | None:
        """With one site more, and there a plug of any kind or one of these; None where it cannot be had beside them."""
        if self.room.near(site) & {other.id for other in together.sites}:
            return None
        fitting = [kind for kind in (self._kinds if kinds is None else kinds) if self.room.free_plugs(site, kind) > 0]
        node = self._node.get(site.grid_node)
        before = together.ways.get(site.grid_node, (Way(),))
        ways = [
            Way(kw=way.kw + kind.grid_kw, cost=way.cost + kind.plug_cost, kinds=(*way.kinds, kind))
            for way in before
            for kind in fitting
        ]
        cheapest, upgrade = self._best(ways, node)
        if not cheapest:
            return None
        return Together(
            sites=(*together.sites, site),
            open_cost=together.open_cost + site.open_cost,
            new_sites=together.new_sites + (not site.is_required),
            ways={**together.ways, site.grid_node: cheapest},
            upgrades={**together.upgrades, site.grid_node: upgrade},
        )

    def _best(self, ways: list[Way], node: GridNode | None) -> tuple[tuple[Way, ...], float]:
        """
        Of some ways at a node those that are allowed and of which no other is cheaper with as little power.

        The first is the one that costs least, upgrade included, and with it comes what that is.
        """
        free = float("inf") if node is None else self.room.free_kw(node)
        more = 0.0 if node is None else node.upgrade_kw
        least: list[Way] = []
        for way in sorted(ways, key=lambda way: (way.kw, way.cost)):
            if way.kw <= free + more + TINY and (not least or way.cost < least[-1].cost):
                least.append(way)
        if not least:
            return (), 0.0
        upgrade_of = [0.0 if node is None or way.kw <= free + TINY else node.upgrade_cost for way in least]
        first = min(range(len(least)), key=lambda number: (least[number].cost + upgrade_of[number], number))
        return (least[first], *least[:first], *least[first + 1 :]), upgrade_of[first]


def together(problem: SitingProblem, ids: Iterable[str]) -> Together:
    """As many of some sites as can be had together, whatever money and number there are."""
    asking, sites = Asking(problem), Together()
    for id_ in sorted(most_forced(problem, ids).ids):
        sites = asking.and_(sites, problem.sites[problem.site_index[id_]]) or sites
    return sites


def with_forced(problem: SitingProblem, sites: Together) -> SitingProblem:
    """The same with these sites asked for, and no others."""
    return replace(problem, wishes=replace(problem.wishes, force=frozenset(site.id for site in sites.sites)))
