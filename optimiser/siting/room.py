"""What may still be built: money, power, room at sites, distance; kept up to date while a plan grows."""

from __future__ import annotations

from collections import Counter

from optimiser.siting.plan import Installation, SitingPlan, Upgrade
from optimiser.siting.plugs import held_kw, standing
from optimiser.siting.problem import ChargerKind, GridNode, Site, SitingProblem
from optimiser.siting.spacing import too_near

TINY = 1e-9


class Room:
    """Counts what a growing plan uses up; phases come one after the other."""

    def __init__(self, problem: SitingProblem) -> None:
        self._problem, self.phase = problem, 0
        before = standing(problem, SitingPlan())[0]
        self.plugs = Counter(before.plugs)
        held = held_kw(problem, before)
        self._free_kw = {node.id: max(0.0, node.hosting_kw - held[node.id]) for node in problem.grid}
        self._node = {node.id: node for node in problem.grid}
        self._money: float | None = 0.0
        self.built: set[str] = set()
        self._new_sites = 0
        self._closed: Counter[str] = Counter()
        self._near: dict[str, set[str]] = {}
        for together in too_near(problem):
            ids = {problem.sites[row].id for row in together}
            for id_ in ids:
                self._near.setdefault(id_, set()).update(ids - {id_})
        self.installations: Counter[tuple[int, str, str]] = Counter()
        self.upgrades: list[Upgrade] = []
        self.begin(0)

    def begin(self, phase: int) -> None:
        """Go on to a phase, with its money."""
        self.phase, budget = phase, self._problem.wishes.phases[phase].budget
        self._money = None if budget is None or self._money is None else self._money + budget

    def price(self, site: Site, kind: ChargerKind, count: int) -> float | None:
        """What so many more plugs cost now; None where they cannot be."""
        problem = self._problem
        if site.id in self._closed or count > self.free_plugs(site, kind):
            return None
        is_opened = site.id not in self.built
        if is_opened and not site.is_required and self._new_sites == problem.wishes.max_new_sites:
            return None
        upgrade = self._upgrade_for(site, kind, count)
        if upgrade is None:
            return None
        price = count * kind.plug_cost + is_opened * site.open_cost + upgrade
        return None if self._money is not None and price > self._money + TINY else price

    def prices(self, site: Site, kind: ChargerKind, most: int) -> list[float]:
        """What one more plug costs now, two more, and so on, as far as they can be."""
        prices = list[float]()
        for count in range(1, most + 1):
            price = self.price(site, kind, count)
            if price is None:
                break
            prices.append(price)
        return prices

    def build(self, site: Site, kind: ChargerKind, count: int) -> None:
        """Build what `price` allows."""
        price = self.price(site, kind, count)
        assert price is not None
        if self._money is not None:
            self._money -= price
        if site.grid_node is not None:
            node = self._node[site.grid_node]
            if count * kind.grid_kw > self._free_kw[node.id] + TINY:  # Also where that costs nothing.
                self.upgrades.append(Upgrade(phase=self.phase, node_id=node.id))
                self._free_kw[node.id] += node.upgrade_kw
            self._free_kw[node.id] -= count * kind.grid_kw
        if site.id not in self.built and not site.is_required:
            self._closed.update(self.near(site))
            self._new_sites += 1
        self.built.add(site.id)
        self.plugs[site.id, kind.id] += count
        self.installations[self.phase, site.id, kind.id] += count

    def free_plugs(self, site: Site, kind: ChargerKind) -> int:
        """Plugs of a kind that still fit, by number and by what the site may draw."""
        problem = self._problem
        added = sum(self.plugs[site.id, other.id] - site.plugs.get(other.id, 0) for other in problem.kinds)
        free = site.max_plugs - sum(site.plugs.values()) - added
        free = min(free, problem.may_add(site, kind) - self.plugs[site.id, kind.id] + site.plugs.get(kind.id, 0))
        if site.max_kw is not None and kind.power_kw > 0:
            drawn = sum(self.plugs[site.id, other.id] * other.power_kw for other in problem.kinds)
            free = min(free, int((site.max_kw - drawn) / kind.power_kw + TINY))
        return free

    def free_kw(self, node: GridNode) -> float:
        """Power that it still carries as it is."""
        return self._free_kw[node.id]

    def near(self, site: Site) -> set[str]:
        """New sites that may not stand beside it."""
        return self._near.get(site.id, set())

    def plan(self) -> tuple[tuple[Installation, ...], tuple[Upgrade, ...]]:
        """Everything that is built."""
        built = sorted(self.installations.items())
        return tuple(
            Installation(phase=phase, site_id=site, kind_id=kind, plugs=plugs) for (phase, site, kind), plugs in built
        ), tuple(self.upgrades)

    def _upgrade_for(self, site: Site, kind: ChargerKind, count: int) -> float | None:
        """What has to be paid for the grid to carry so many more; None where it cannot."""
        if site.grid_node is None:
            return 0.0
        node, needed = self._node[site.grid_node], count * kind.grid_kw
        if needed <= self._free_kw[node.id] + TINY:
            return 0.0
        is_upgraded = any(item.node_id == node.id for item in self.upgrades)
        can_be = not is_upgraded and node.upgrade_kw > 0 and needed <= self._free_kw[node.id] + node.upgrade_kw + TINY
        return node.upgrade_cost if can_be else None
