"""
Of the sites that are asked for, as many as can be had together: a small integer programme.

    max  sum_j y_j    s.t.  y_j = sum_t z_jt                                    one plug of some kind at each
                            sum_jt k_t z_jt <= H_g + U_g u_g                    at each grid node g
                            sum_j o_j y_j + sum_jt c_t z_jt + sum_g c_g u_g <= money
                            sum_j y_j <= number,  over new sites,  y_i + y_j <= 1  where these are too near

Of equally many those that are had together whatever the money and number, then the cheapest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.problem import Site, SitingProblem
from optimiser.siting.programme import Programme, solve_programme
from optimiser.siting.room import TINY, Room

Floats = NDArray[np.float64]
Key = tuple[str, ...]
"""Of a column: a site; a site and a kind; or a grid node that is upgraded, after "upgrade"."""

Parts = Mapping[Key, float]
"""Of a sum, how much each column counts."""

MOST_NODES = 2000
"""Of the search tree, so that it ends without a clock."""
NEAR = 1e-6
"""Of the dearest thing: what costs no more beside another costs as much."""
NOISE = 1e-7
"""Relative allowance for sums of money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """Sites that can be had together."""

    ids: frozenset[str]
    is_proven: bool
    """Whether no more of them can be."""


def most_forced(problem: SitingProblem, ids: Iterable[str]) -> Most:
    """As many of some sites as can be had together, whatever money and number there are."""
    return _most(_Rows(problem, ids), frozenset())


def most_within(problem: SitingProblem, ids: Iterable[str], *, money: float | None, number: int | None) -> Most:
    """As many of some sites as so much money pays for, and so many new ones may be."""
    ids = sorted(ids)
    rows = _Rows(problem, ids)
    if money is not None:
        rows.at_most(rows.price, money * (1 + NOISE) + NOISE)
    if number is not None:
        rows.at_most({(site.id,): 1.0 for site in rows.sites if not site.is_required}, number)
    return _most(rows, most_forced(problem, ids).ids)


def _most(rows: _Rows, liked: frozenset[str]) -> Most:
    """Solve it for one aim after the other, each held from then on."""
    if not rows.sites:
        return Most(ids=frozenset(), is_proven=True)
    found, is_proven = frozenset[str](), False
    many: Parts = {(site.id,): -1.0 for site in rows.sites}
    most_liked: Parts = {key: -1.0 for key in many if key[0] in liked}
    for aim in (many, most_liked, rows.price):
        if not aim:
            continue
        unit = 1.0 if aim is not rows.price else max(1e-9, NEAR * max(aim.values()))
        told = solve_programme(rows.programme(aim), unit=unit, seconds=np.inf, most_nodes=MOST_NODES)
        if told.values is None:
            break
        reached = float(rows.along(aim) @ told.values)
        found = frozenset(key[0] for key, row in rows.column.items() if len(key) == 1 and told.values[row] > 0.5)
        if aim is many:
            is_proven = told.bound > reached - 1.0
        rows.at_most(aim, reached + unit / 2)
    return Most(ids=found, is_proven=is_proven)


class _Rows:
    """The programme while it is written."""

    def __init__(self, problem: SitingProblem, ids: Iterable[str]) -> None:
        room = Room(problem)
        asked = [problem.sites[problem.site_index[id_]] for id_ in sorted(ids)]
        fitting = {site.id: [kind for kind in problem.kinds if room.free_plugs(site, kind) > 0] for site in asked}
        self.sites: list[Site] = [site for site in asked if fitting[site.id]]
        nodes = [node for node in problem.grid if node.id in {site.grid_node for site in self.sites}]
        opening: Parts = {(site.id,): site.open_cost for site in self.sites}
        plugs: Parts = {(site.id, kind.id): kind.plug_cost for site in self.sites for kind in fitting[site.id]}
        upgrades: Parts = {("upgrade", node.id, ""): node.upgrade_cost for node in nodes}
        self.price: Parts = {**opening, **plugs, **upgrades}
        self.column = {key: number for number, key in enumerate(self.price)}
        self._rows: list[tuple[Parts, float, float]] = []
        for site in self.sites:
            there: Parts = {(site.id, kind.id): -1.0 for kind in fitting[site.id]}
            self._rows.append(({(site.id,): 1.0, **there}, 0.0, 0.0))
            for other in sorted(room.near(site) & {item.id for item in self.sites}):
                if site.id < other:
                    self.at_most({(site.id,): 1.0, (other,): 1.0}, 1.0)
        for node in nodes:
            drawn: Parts = {
                (site.id, kind.id): kind.grid_kw
                for site in self.sites
                if site.grid_node == node.id
                for kind in fitting[site.id]
            }
            self.at_most({**drawn, ("upgrade", node.id, ""): -node.upgrade_kw}, room.free_kw(node) + TINY)

    def at_most(self, parts: Parts, most: float) -> None:
        """One rule more, in units of its greatest part."""
        unit = max(map(abs, parts.values()), default=0.0) or 1.0
        self._rows.append(({key: part / unit for key, part in parts.items()}, -np.inf, most / unit))

    def along(self, aim: Parts) -> Floats:
        """An aim, column by column."""
        cost = np.zeros(len(self.column))
        for key, part in aim.items():
            cost[self.column[key]] = part
        return cost

    def programme(self, aim: Parts) -> Programme:
        """All of it, with an aim that is to be as little as possible."""
        entries = [
            (row, self.column[key], part) for row, (parts, _, _) in enumerate(self._rows) for key, part in parts.items()
        ]
        row, column, part = (np.array(items) for items in zip(*entries, strict=True))
        count = len(self.column)
        return Programme(
            cost=self.along(aim),
            lower=np.zeros(count),
            upper=np.ones(count),
            is_whole=np.ones(count, dtype=np.bool_),
            row=row,
            column=column,
            value=part,
            row_lower=np.array([least for _, least, _ in self._rows]),
            row_upper=np.array([most for _, _, most in self._rows]),
        )
