"""Choose sites, kinds, plugs and phases within limits; answer with a checked plan, its bound, and broken wishes."""

from __future__ import annotations

import importlib.metadata
import itertools
import time
from collections.abc import Callable

import numpy as np

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, Progress, ShouldStop, StopReason, Violation, relative_gap
from optimiser.siting.arrays import arrays_of
from optimiser.siting.bans import with_bans
from optimiser.siting.beginning import first_plans
from optimiser.siting.beside import Beside, exactly_beside
from optimiser.siting.bound.phases import Bound
from optimiser.siting.cheapest import cheapest
from optimiser.siting.check import check
from optimiser.siting.conflicts import floors_of_plan, possible_wishes, without_wishes
from optimiser.siting.cost import phase_values, total_cost, value
from optimiser.siting.groups import groups_of
from optimiser.siting.in_the_way import as_near_as_can_be
from optimiser.siting.keeping import Looking
from optimiser.siting.plan import Installation, SitingPlan, Upgrade
from optimiser.siting.problem import SitingProblem
from optimiser.siting.result import SitingResult
from optimiser.siting.search.phases import PhaseSearch
from optimiser.siting.search.run import ROUNDS
from optimiser.siting.served_plan import fairly_served, plan_of
from optimiser.siting.sooner import sooner
from optimiser.siting.status import Status
from optimiser.siting.thrift import thrifty
from optimiser.siting.topping import topped_up

FLOORS_SHARE, EXACT_SHARE, BRIEF_SHARE = 0.03, 0.2, 0.02
"""Of the time, to look for a plan that keeps floors where none at once does: by search, by the integer programme of a
small study, and by either for each lower floor or greater limit that is tried."""
ALONE_SHARE = 0.2
"""Of the time that is left, in which the integer programme of a small study is alone; then it is searched as well."""
BRIEF_S, BRIEF_MOST = 0.5, 0.1
"""Where time is short, seconds for each of these all the same, up to so much of the time."""
THRIFT_SHARE, TRIED_ARCS = 0.05, 2_000_000
"""Of the time, to leave out what nobody misses; where no clock counts, so many arcs of transport problems are tried."""
LATE = 0.05
"""So little of the time is none: searches end a moment before it is up."""
STEPS = 300
"""Of the bound where no clock counts."""
TELL_S = 0.3
"""Between two moments of progress."""
TINY = 1e-6
"""Relative allowance for the tolerances of linear programmes: a smaller gap is none."""
NOTHING = 1e-8
"""Of what everybody would bring who has a site within reach: so little is nothing."""
SAME = 1e-9
"""Relative allowance for sums of floating-point numbers."""


def solve(
    problem: SitingProblem,
    limits: SolveLimits,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> SitingResult:
    """
    Best plan found within `limits`; at worst nothing is built.

    Wishes that cannot be kept give way, and are told with the nearest ones that can: limits of money, grid and number
    are kept, floors and forced sites are lowered or left out.
    """
    search = _Search(problem, limits, on_progress, should_stop)
    search.run()
    return search.result()


class _Search:
    """Keeps the best checked plan and the bound."""

    def __init__(
        self,
        problem: SitingProblem,
        limits: SolveLimits,
        on_progress: OnProgress | None,
        should_stop: ShouldStop | None,
    ) -> None:
        self._asked, self._limits = problem, limits
        self._on_progress, self._should_stop = on_progress, should_stop
        self._started_s = time.monotonic()
        self._groups = groups_of(problem)
        kept = possible_wishes(problem, self._groups)
        self.problem, self._conflicts, self._with_forced = kept.problem, kept.conflicts, kept.asked
        self._bound = Bound(self.problem, self._groups)
        self._nothing = max(TINY, NOTHING * self._bound.value)
        self._plan, self._value = SitingPlan(), 0.0
        self._offer_s = 0.0
        """How long it takes to find out who charges where, and to check."""
        self._told: tuple[float, float] | None = None
        self._told_s = -np.inf
        self._refused: list[Violation] = []
        self._reason = StopReason.STALLED
        self._exact: Beside | None = None
        """The integer programme, while it runs."""

    @property
    def _phases(self) -> int:
        return len(self.problem.wishes.phases)

    def run(self) -> None:
        """Construct a plan, then make it and the bound better while there is time."""
        plans, kept = first_plans(
            self.problem,
            self._groups,
            self._looking(FLOORS_SHARE, EXACT_SHARE),
            briefly=self._looking(BRIEF_SHARE, BRIEF_SHARE, least_s=BRIEF_S),
            asked=self._with_forced,
        )
        self.problem, self._conflicts = kept.problem, (*self._conflicts, *kept.conflicts)
        for plan in plans:
            self._offer(*plan)
        if not self._plan.servings:
            self._begin_with_nothing()
        self._arrays = [arrays_of(self.problem, self._groups, phase=phase) for phase in range(self._phases)]
        if not self._is_proven() and not self._is_over():
            self._close_or_search()
        self._save_money()
        self._serve_fairly()
        self._come_nearer()

    def _save_money(self) -> None:
        """As much for less: of a small study that is solved the cheapest plan, and nothing that nobody misses."""
        problem = floors_of_plan(self.problem, self._conflicts, self._plan).problem
        if self._is_proven() and self._plan.installations and not self._is_cancelled():
            other = cheapest(problem, self._groups, self._value, seconds=self._left_s() / 2)
            if other is not None:
                self._take_cheaper(problem, plan_of(problem, self._groups, other, may_miss_floors=False))
        started_s, length_s = time.monotonic(), self._kept_back_s() + self._left_s() / 4
        tries = itertools.count(1)
        most_tries = TRIED_ARCS // (1 + len(self._groups.arc_site) * len(self._plan.servings))

        def over() -> float:
            if self._is_cancelled():
                return 1.0
            if self._limits.seconds is None:
                return next(tries) / (1 + most_tries)
            return (time.monotonic() - started_s + self._offer_s) / max(length_s, 1e-9)

        self._take_cheaper(problem, thrifty(problem, self._groups, self._plan, over=over))

    def _take_cheaper(self, problem: SitingProblem, plan: SitingPlan | None) -> None:
        """Where it brings as much and keeps every rule."""
        if plan is None or total_cost(problem, plan) > total_cost(problem, self._plan):
            return
        if violations := check(problem, plan):
            self._refused.extend(violations)
            return
        reached = value(problem, plan)
        if reached >= self._value * (1 - SAME) - SAME:
            self._plan, self._value = plan, reached

    def _serve_fairly(self) -> None:
        """As much for all, and of all ways to do so that which is fairest; no floor that was asked for loses by it."""
        plan = fairly_served(self._asked, self._groups, self._plan)
        if violations := check(floors_of_plan(self.problem, self._conflicts, self._plan).problem, plan):
            self._refused.extend(violations)
            return
        self._plan, self._value = plan, value(self.problem, plan)

    def _come_nearer(self) -> None:
        """Of a small study what is left of the time goes to a grid or a distance that would do."""
        seconds = 0.0 if self._limits.seconds is None or self._is_cancelled() else self._left_s()
        self._conflicts = as_near_as_can_be(
            self._conflicts, self._groups, seconds=seconds, should_stop=self._is_cancelled
        )

    def _is_cancelled(self) -> bool:
        return self._should_stop is not None and self._should_stop()

    def _looking(self, share: float, exact_share: float, *, least_s: float = 0.0) -> Looking:
        """For plans that keep floors, for such shares of the time."""
        least_s = min(least_s, BRIEF_MOST * self._left_s())
        return Looking(
            seed=self._limits.seed,
            over=lambda: self._meter(share, max(least_s, share * self._left_s())),
            seconds=max(least_s, exact_share * self._left_s()),
            gone=lambda: 1.0 - self._left_s() / self._limits.seconds if self._limits.seconds else 0.0,
        )

    def _begin_with_nothing(self) -> None:
        """Where the first plan breaks a rule all wishes for more give way: building nothing keeps every other one."""
        kept = without_wishes(self.problem)
        self.problem, self._conflicts = kept.problem, (*self._conflicts, *kept.conflicts)
        self._offer((), ())

    def _close_or_search(self) -> None:
        """Small studies to proof; the rest by search, with the bound beside it, and the proof where it still comes."""
        is_timed, seconds = self._limits.seconds is not None, self._left_s()
        late_s = time.monotonic() + ALONE_SHARE * seconds
        self._bound.begin(self._arrays, phase_values(self.problem, self._plan))
        with exactly_beside(self.problem, self._groups, self._bound, seconds=seconds) as exact:
            self._exact = exact
            if is_timed:
                with self._bound.running():
                    if not self._is_closed(late_s):
                        self._search()
            elif not self._is_closed(late_s):
                # One after the other, so that a search that the bound ends, ends alike everywhere.
                self._bound.step(STEPS, is_over=self._is_enough)
                if not self._is_enough():
                    self._search()
        self._is_settled()
        self._tell()

    def _is_closed(self, late_s: float) -> bool:
        """Whether the integer programme leaves nothing to be done, once it is over, or that is late."""
        if self._exact is not None:
            self._exact.wait(is_late=lambda: self._is_cancelled() or time.monotonic() > late_s)
        return self._is_settled()

    def _is_settled(self) -> bool:
        """Take what the integer programme has come to, if it has ended; whether it is proven that there is no more."""
        if self._exact is not None and self._exact.is_over:
            exact, self._exact = self._exact.told, None
            if exact is not None:
                self._bound.lower(exact.bound)
                if exact.built is not None:
                    self._offer(*exact.built)
        return self._is_proven()

    def _search(self) -> None:
        """Phases one after the other, then all at once."""
        search = PhaseSearch(self.problem, self._groups, self._arrays, seed=self._limits.seed, meter=self._meter)
        for plan in search.one_by_one(self._plan, self._left_s() - 4 * self._offer_s):
            self._offer(*plan)
        if search.is_joint:
            self._offer(*search.together(self._plan, self._left_s() - 2 * self._offer_s))

    def _meter(self, share: float, length_s: float) -> Callable[[], float]:
        """How much of a part of the search is over: its share of rounds, or its time."""
        started_s, calls = time.monotonic(), itertools.count()
        rounds = None if self._limits.seconds is not None else max(1.0, (self._limits.rounds or 1) * share)

        def over() -> float:
            if self._is_enough():
                return 1.0
            elapsed_s = time.monotonic() - started_s
            return next(calls) * ROUNDS / rounds if rounds is not None else elapsed_s / max(length_s, 1e-3)

        return over

    def _is_enough(self) -> bool:
        """Tell how far it is, and whether that is far enough."""
        self._tell()
        return self._is_stopped()

    def _is_stopped(self) -> bool:
        """Whether somebody asked, or the gap is small enough."""
        if self._is_cancelled():
            self._reason = StopReason.CANCELLED
        elif self._gap() <= self._limits.gap:
            self._reason = StopReason.GAP
        else:
            return self._is_settled()
        return True

    def _tell(self) -> None:
        """Tell of a better plan or bound, a few times a second at most."""
        # By tolerances of linear programmes a bound may be a hair below what a plan brings.
        moment = (self._value, max(self._value, self._bound.value))
        now_s = time.monotonic() - self._started_s
        if self._on_progress is not None and moment != self._told and now_s - self._told_s >= TELL_S:
            self._told, self._told_s = moment, now_s
            reached, bound = moment
            self._on_progress(Progress(elapsed_s=now_s, objective=reached, best_bound=bound, gap=self._gap()))

    def _gap(self) -> float:
        return 0.0 if self._is_proven() else relative_gap(self._bound.value, self._value)

    def _left_s(self) -> float:
        """Of the time that there is for all but saving money."""
        if self._limits.seconds is None:
            return np.inf
        return max(0.0, self._limits.seconds - self._kept_back_s() - (time.monotonic() - self._started_s))

    def _kept_back_s(self) -> float:
        """Of the time, for saving money."""
        return THRIFT_SHARE * (self._limits.seconds or 0.0)

    def _is_over(self) -> bool:
        return self._is_stopped() or self._left_s() <= 0.0

    def _is_proven(self) -> bool:
        return self._bound.value <= self._value * (1 + TINY) + self._nothing

    def _offer(self, installations: tuple[Installation, ...], upgrades: tuple[Upgrade, ...]) -> None:
        """Take what is built, as soon as it can be, if it keeps every rule and brings more than the best so far."""
        started_s = time.monotonic()
        plan = self._served(installations, upgrades)
        if plan is None:
            return
        plan = self._topped_up(plan)
        if violations := check(self.problem, plan):
            self._refused.extend(violations)
            return
        self._offer_s = max(self._offer_s, time.monotonic() - started_s)
        reached = value(self.problem, plan)
        if not self._plan.servings or reached > self._value:
            self._plan, self._value = plan, reached
            self._bound.know(reached)

    def _served(self, installations: tuple[Installation, ...], upgrades: tuple[Upgrade, ...]) -> SitingPlan | None:
        """The plan that has all of it as soon as it can be."""
        built = sooner(self.problem, self._groups, (installations, upgrades))
        return plan_of(self.problem, self._groups, built, may_miss_floors=False)

    def _topped_up(self, plan: SitingPlan) -> SitingPlan:
        """With what the money that is left still buys."""
        while (more := topped_up(self.problem, self._groups, plan)) is not None:
            richer = self._served(*more)
            if richer is None or value(self.problem, richer) <= value(self.problem, plan) * (1 + SAME):
                break
            plan = richer
        return plan

    def result(self) -> SitingResult:
        """What came of it."""
        is_proven, bound = self._is_proven(), self._bound.value
        seconds = self._limits.seconds
        if self._reason is StopReason.STALLED and seconds is not None and self._left_s() <= LATE * seconds:
            self._reason = StopReason.TIME_LIMIT
        kept = floors_of_plan(self.problem, self._conflicts, self._plan)
        return SitingResult(
            plan=self._plan,
            wishes=kept.problem.wishes,
            conflicts=with_bans(self._asked, self._groups, kept.conflicts),
            value=self._value,
            upper_bound=self._value if is_proven else max(self._value, bound),
            status=Status.PROVEN if is_proven else Status.BOUNDED,
            stop_reason=StopReason.OPTIMAL if is_proven else self._reason,
            seed=self._limits.seed,
            engine=f"siting {importlib.metadata.version('evenfleet')}",
            input_hash=self._asked.input_hash,
            elapsed_s=time.monotonic() - self._started_s,
            refused=tuple(self._refused),
        )
