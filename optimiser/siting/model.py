"""
The planning problem as a mixed-integer programme.

    Sets    points i (equal ones merged), sites j, kinds t, grid nodes g, districts k, phases s, scenarios o
    Data    w_iso weight, v_i value of a unit, d_ij worth of a site so far away, r_i sessions an hour of a unit,
            L_t(n) sessions an hour that n plugs take, F_j, c_t, B_s money, H_g, U_g power, e_k floor
    Decide  u_jtns  the n-th new plug of a kind stands     b_js  something is built     h_gs  node upgraded
            a_ijtso share of a point that charges there

    max   sum_s delta_s sum_o p_o sum_ijt v_i w_iso d_ij a_ijtso
    s.t.  order         u_jt(n+1)s <= u_jtns,  u_jt1s <= b_js                    plugs one after the other
          stays         u_jtns <= u_jtn(s+1),  b_js <= b_j(s+1),  h_gs <= h_g(s+1)
          kind_serves   a_ijtso <= u_jt1s                                         unless plugs stand there already
          served_share  sum_jt a_ijtso <= 1
          waiting       sum_i r_i w_iso a_ijtso <= L_t(now) + sum_n (L_t(now+n) - L_t(now+n-1)) u_jtns
          budget        sum_j F_j b_js + sum_jtn c_t u_jtns + sum_g C_g h_gs <= B_1 + ... + B_s
          grid_hosting  sum_j in g,t kW_t (now + sum_n u_jtns) <= H_g + U_g h_gs
          site_power, site_plugs, max_new_sites, spacing, force, floor
          counts        N_s = sum_j b_js,  N_ts = sum_jn u_jtns,  N_tns = sum_j u_jtns, whole

L_t is convex in the plugs (see `waiting`), which the order makes exact. Money for two sites and a half tempts the
linear programme to open five by half: no single site settles that, but branching on the counts does. Several plugs of
Church & ReVelle (1974) and Daskin (1983) meet here; phases as in Lamontagne et al. (2023, INFORMS Journal on Computing
35).

Where floors cannot be kept, the aim is another: the share of all floors, the money, the new sites, or the power beyond
what grid nodes carry, f_g >= 0 with grid_hosting ... <= H_g + U_g h_g + f_g, only once upgraded where that can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.groups import Groups
from optimiser.siting.money import down_to_step, step_of
from optimiser.siting.options import options_of, uses_of
from optimiser.siting.plan import Built, Installation, Upgrade
from optimiser.siting.problem import SitingProblem
from optimiser.siting.programme import TOLERANCE, Programme
from optimiser.siting.rows import Blocks
from optimiser.siting.spacing import too_near

SAVED = 0.1
"""Of the least step of money, what whole values that are a hair off may save at most."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Aim(Enum):
    """What the programme is to make as much, or as little, of as can be."""

    VALUE = auto()
    EVEN = auto()
    """The share of its floor that every district has at least, but for those whose floors are kept whole."""
    MONEY = auto()
    SITES = auto()
    """New ones."""
    GRID = auto()
    """Power beyond what nodes carry, of all together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """Columns of one phase."""

    phase: int
    plug: Ints
    built: Ints
    """By site."""
    upgraded: Ints
    """By grid node."""
    share: tuple[Ints, ...]
    """By scenario, of each use."""


class Model:
    """The programme over some of the phases and sites, and the way back from its values to a plan."""

    def __init__(
        self,
        problem: SitingProblem,
        groups: Groups,
        *,
        phases: Sequence[int],
        is_left: NDArray[np.bool_],
        aim: Aim = Aim.VALUE,
        whole: frozenset[str] = frozenset(),
    ):
        self.problem, self._groups, self._whole = problem, groups, whole
        self._options = options_of(problem, is_left)
        self._uses = uses_of(problem, groups, self._options)
        self._blocks, self._tolerance = Blocks(), TOLERANCE
        self._even = self._blocks.add_columns(int(aim is Aim.EVEN), is_whole=False)
        """The share of all floors, where that is the aim."""
        self._beyond = self._blocks.add_columns(
            len(problem.grid) if aim is Aim.GRID else 0, most=np.inf, is_whole=False
        )
        """By grid node, the power beyond what it carries, where that is to be least."""
        self.stages = tuple(self._stage(phase) for phase in phases)
        for stage in self.stages:
            self._order(stage)
            self._budget(stage)
            self._grid(stage)
            for scenario, share in enumerate(stage.share):
                self._serve(stage, scenario, share)
        self._stays()
        self._sites(self.stages[-1])
        self.programme = self._aimed(aim)

    def _stage(self, phase: int) -> Stage:
        options, blocks, problem = self._options, self._blocks, self.problem
        plug = blocks.add_columns(int(options.most.sum()), is_whole=True)
        built = blocks.add_columns(len(problem.sites), is_whole=True)
        can_grow = [float(node.upgrade_kw > 0) for node in problem.grid]
        upgraded = blocks.add_columns(len(problem.grid), most=can_grow, is_whole=True)
        share = tuple(
            blocks.add_columns(len(self._uses.arc), gain=self._gain(phase, scenario), is_whole=False)
            for scenario in range(len(problem.wishes.scenarios))
        )
        self._count(plug, built)
        return Stage(phase=phase, plug=plug, built=built, upgraded=upgraded, share=share)

    def _count(self, plug: Ints, built: Ints) -> None:
        """Columns that count what is built: sites, plugs by kind, and the n-th plugs of a kind."""
        of_plug = self._options.of_plug
        kind, number = self._options.kind[of_plug], np.arange(len(of_plug)) - self._options.first[of_plug]
        pairs = np.unique(np.stack([kind, number]), axis=1).T.tolist()
        of_number = [plug[(kind == one) & (number == place)] for one, place in pairs]
        sets = [built, *(plug[kind == one] for one in np.unique(kind)), *of_number]
        sizes, each = np.array([len(one) for one in sets]), np.arange(len(sets))
        count = self._blocks.add_columns(len(sets), most=sizes.astype(float), is_whole=True)
        row, counted = np.repeat(each, sizes), np.concatenate(sets)
        self._blocks.add_rows(len(sets), (row, counted, 1.0), (each, count, -1.0), least=0.0, most=0.0)

    def _aimed(self, aim: Aim) -> Programme:
        """All of it, with the cost of this aim."""
        programme = replace(self._blocks.programme(), tolerance=self._tolerance)
        if aim is Aim.VALUE:
            return programme
        cost, last = np.zeros(len(programme.cost)), self.stages[-1]
        if aim is Aim.EVEN:
            cost[self._even] = -1.0
        elif aim is Aim.GRID:
            cost[self._beyond] = 1.0
        elif aim is Aim.MONEY:
            columns, price = self.price(last)
            cost[columns] = price
        else:
            cost[last.built] = [not site.is_required for site in self.problem.sites]
        return replace(programme, cost=cost)

    def _weight(self, phase: int, scenario: int) -> Floats:
        """By group."""
        wishes = self.problem.wishes
        return self._groups.totals(self.problem.weights(wishes.phases[phase], wishes.scenarios[scenario]))

    def _gain(self, phase: int, scenario: int) -> Floats:
        wishes, groups, arc = self.problem.wishes, self._groups, self._uses.arc
        counts = wishes.phases[phase].weight * wishes.scenarios[scenario].probability
        unit = self.problem.unit_value[groups.example]
        return counts * (unit * self._weight(phase, scenario))[groups.arc_group[arc]] * groups.arc_worth[arc]

    def _order(self, stage: Stage) -> None:
        """Plugs one after the other, the first only where something is built."""
        of_plug, first = self._options.of_plug, self._options.first
        later = np.flatnonzero(np.arange(len(of_plug)) != first[of_plug])
        _less(self._blocks, stage.plug[later], stage.plug[later - 1])
        begins = first[:-1][self._options.most > 0]
        _less(self._blocks, stage.plug[begins], stage.built[self._options.site[of_plug[begins]]])
        count = len(self.problem.sites)
        none = np.bincount(self._options.site, weights=self._options.most, minlength=count) == 0
        self._blocks.add_rows(int(none.sum()), (np.arange(none.sum()), stage.built[none], 1.0), most=0.0)
        # Sites: room for plugs and power.
        site = self._options.site[of_plug]
        power = np.array([kind.power_kw for kind in self.problem.kinds])[self._options.kind]
        stands = np.bincount(self._options.site, weights=self._options.now, minlength=count)
        drawn = np.bincount(self._options.site, weights=self._options.now * power, minlength=count)
        room = np.maximum(0.0, np.array([item.max_plugs for item in self.problem.sites]) - stands)
        limit = [np.inf if item.max_kw is None else item.max_kw for item in self.problem.sites]
        kw = np.minimum(np.maximum(0.0, limit - drawn), room * power.max(initial=0.0))
        each = np.arange(count)
        self._blocks.add_rows(count, (site, stage.plug, 1.0), (each, stage.built, -room), most=0.0)
        self._blocks.add_rows(count, (site, stage.plug, power[of_plug]), (each, stage.built, -kw), most=0.0)

    def _budget(self, stage: Stage) -> None:
        problem = self.problem
        budgets = [phase.budget for phase in problem.wishes.phases[: stage.phase + 1]]
        if any(budget is None for budget in budgets):
            return
        columns, price = self.price(stage)
        given = sum(budget for budget in budgets if budget is not None)
        if step := step_of(price):
            # Whole values that are a hair less than whole must not save a step.
            given = down_to_step(given, step)
            self._tolerance = min(self._tolerance, SAVED * step / max(given, step))
        self._blocks.add_rows(1, (np.zeros(len(columns)), columns, price), most=given)

    def price(self, stage: Stage) -> tuple[Ints, Floats]:
        """Columns that cost money, and how much."""
        problem = self.problem
        plug = np.array([kind.plug_cost for kind in problem.kinds])[self._options.kind[self._options.of_plug]]
        site = [item.open_cost for item in problem.sites]
        upgrade = [node.upgrade_cost for node in problem.grid]
        columns = np.concatenate([stage.plug, stage.built, stage.upgraded])
        return columns, np.concatenate([plug, site, upgrade])

    def _grid(self, stage: Stage) -> None:
        problem, options = self.problem, self._options
        if not problem.grid:
            return
        row_of = {node.id: row for row, node in enumerate(problem.grid)}
        node = np.array([row_of[site.grid_node] if site.grid_node else -1 for site in problem.sites])
        held = np.array([kind.grid_kw for kind in problem.kinds])[options.kind]
        at = node[options.site]
        before = np.bincount(at[at >= 0], weights=(options.now * held)[at >= 0], minlength=len(problem.grid))
        of_plug = options.of_plug
        inside = at[of_plug] >= 0
        room = np.maximum(np.array([item.hosting_kw for item in problem.grid]), before) - before
        more = np.array([item.upgrade_kw for item in problem.grid])
        self._blocks.add_rows(
            len(problem.grid),
            (at[of_plug][inside], stage.plug[inside], held[of_plug][inside]),
            (np.arange(len(problem.grid)), stage.upgraded, -more),
            (np.arange(len(self._beyond)), self._beyond, -1.0),
            most=room,
        )
        drawn = np.bincount(at[of_plug][inside], weights=held[of_plug][inside], minlength=len(problem.grid))
        can_grow = np.flatnonzero(more[: len(self._beyond)] > 0)
        each = np.arange(len(can_grow))
        self._blocks.add_rows(
            len(can_grow),
            (each, self._beyond[can_grow], 1.0),
            (each, stage.upgraded[can_grow], -drawn[can_grow]),
            most=0.0,
        )

    def _serve(self, stage: Stage, scenario: int, share: Ints) -> None:
        """Who charges where, under one scenario."""
        groups, uses, options = self._groups, self._uses, self._options
        group = groups.arc_group[uses.arc]
        self._blocks.add_rows(len(groups.example), (group, share, 1.0), most=1.0)
        # A plug has to be there.
        needs = np.flatnonzero((uses.option >= 0) & (options.now[uses.option] == 0))
        _less(self._blocks, share[needs], stage.plug[options.first[uses.option[needs]]])
        any_kind = self._any_kind()
        self._blocks.add_rows(
            len(any_kind.use),
            (np.arange(len(any_kind.use)), share[any_kind.use], 1.0),
            (any_kind.row, stage.plug[any_kind.plug], -1.0),
            most=0.0,
        )
        # And free in time.
        weight, limited = self._weight(stage.phase, scenario), np.flatnonzero(uses.option >= 0)
        now, more = self._rates()
        self._blocks.add_rows(
            len(options.site),
            (uses.option[limited], share[limited], (uses.rate * weight[group])[limited]),
            (options.of_plug, stage.plug, -more),
            most=now,
        )
        if stage.phase == len(self.problem.wishes.phases) - 1:
            self._floors(share, weight, group, scenario)

    def _floors(self, share: Ints, weight: Floats, group: Ints, scenario: int) -> None:
        problem, wishes = self.problem, self.problem.wishes
        total = problem.weights(wishes.phases[-1], wishes.scenarios[scenario])
        of_group = np.array([problem.demand[row].district or "" for row in self._groups.example], dtype=object)
        for district, points in problem.points_of.items():
            floor = problem.floor_of(district)
            if floor > 0 and total[points].sum() > 0:
                uses = np.flatnonzero((of_group == district)[group])
                asked = floor * float(total[points].sum())
                even = self._even[:0] if district in self._whole else self._even
                self._blocks.add_rows(
                    1,
                    (np.zeros(len(uses)), share[uses], weight[group[uses]]),
                    (np.zeros(len(even)), even, -asked),
                    least=0.0 if len(even) else asked,
                )

    def _rates(self) -> tuple[Floats, Floats]:
        """Sessions an hour that the plugs of each option take now, and what each new one adds."""
        options, kinds = self._options, self.problem.kinds
        tables = [
            [kinds[kind].sessions_per_hour(now + added) for added in range(most + 1)]
            for kind, now, most in zip(options.kind.tolist(), options.now.tolist(), options.most.tolist(), strict=True)
        ]
        now = np.array([table[0] for table in tables])
        return now, np.array([step for table in tables for step in np.diff(table).tolist()])

    def _any_kind(self) -> _AnyKind:
        """Uses that any suitable kind at the site serves: rows of them, and the first plugs that would do."""
        problem, groups, options = self.problem, self._groups, self._options
        by_site: dict[int, list[int]] = {}
        for option, site in enumerate(options.site.tolist()):
            by_site.setdefault(site, []).append(option)
        use: list[int] = []
        row: list[int] = []
        plug: list[int] = []
        for number in np.flatnonzero(self._uses.option < 0).tolist():
            arc = self._uses.arc[number]
            kinds = problem.segment_by_id[problem.demand[groups.example[groups.arc_group[arc]]].segment].kinds
            fit = [o for o in by_site[int(groups.arc_site[arc])] if problem.kinds[options.kind[o]].id in kinds]
            if not any(options.now[option] for option in fit):
                row += [len(use)] * len(fit)
                plug += [int(options.first[option]) for option in fit]
                use.append(number)
        return _AnyKind(*(np.array(numbers, dtype=np.int64) for numbers in (use, row, plug)))

    def _stays(self) -> None:
        for one, next_ in zip(self.stages, self.stages[1:], strict=False):
            for name in ("plug", "built", "upgraded"):
                _less(self._blocks, getattr(one, name), getattr(next_, name))

    def _sites(self, stage: Stage) -> None:
        """How many new sites in the end, how far apart, and which have to be."""
        problem, wishes, blocks = self.problem, self.problem.wishes, self._blocks
        new = stage.built[[not site.is_required for site in problem.sites]]
        if wishes.max_new_sites is not None:
            blocks.add_rows(1, (np.zeros(len(new)), new, 1.0), most=wishes.max_new_sites)
        for near in too_near(problem):
            blocks.add_rows(1, (np.zeros(len(near)), stage.built[list(near)], 1.0), most=1.0)
        forced = [problem.site_index[id_] for id_ in sorted(wishes.force)]
        if forced and stage.phase == len(wishes.phases) - 1:
            plugs = [np.flatnonzero(self._options.site[self._options.of_plug] == site) for site in forced]
            row = np.repeat(np.arange(len(forced)), [len(item) for item in plugs])
            blocks.add_rows(len(forced), (row, stage.plug[np.concatenate(plugs)], 1.0), least=1.0)

    def plan(self, values: Floats) -> Built:
        """What the values of all columns build."""
        problem, options = self.problem, self._options
        built = np.zeros(len(options.site), dtype=np.int64)
        strong: set[str] = set()
        installations: list[Installation] = []
        upgrades: list[Upgrade] = []
        for stage in self.stages:
            is_there = values[stage.plug] > 0.5
            count = np.bincount(options.of_plug, weights=is_there, minlength=len(options.site)).astype(np.int64)
            installations += [
                Installation(
                    phase=stage.phase,
                    site_id=problem.sites[options.site[option]].id,
                    kind_id=problem.kinds[options.kind[option]].id,
                    plugs=int(count[option] - built[option]),
                )
                for option in np.flatnonzero(count > built).tolist()
            ]
            built = np.maximum(built, count)
            for row in np.flatnonzero(values[stage.upgraded] > 0.5).tolist():
                if problem.grid[row].id not in strong:
                    strong.add(problem.grid[row].id)
                    upgrades.append(Upgrade(phase=stage.phase, node_id=problem.grid[row].id))
        return tuple(installations), tuple(upgrades)


class _AnyKind(NamedTuple):
    """Uses that several kinds serve."""

    use: Ints
    row: Ints
    """Of each plug that would do."""
    plug: Ints


def _less(blocks: Blocks, small: Ints, large: Ints) -> None:
    """Each of the first columns at most as great as its fellow among the second."""
    row = np.arange(len(small))
    blocks.add_rows(len(small), (row, small, 1.0), (row, large, -1.0), most=0.0)
