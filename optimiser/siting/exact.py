"""Small studies are solved to proof as an integer programme; larger ones are none of its business."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimiser.siting.groups import Groups
from optimiser.siting.model import Aim, Model
from optimiser.siting.money import CENT, step_of, up_to_cent
from optimiser.siting.plan import Built
from optimiser.siting.problem import SitingProblem
from optimiser.siting.programme import solve_programme

MOST_ENTRIES = 20_000
"""Of the programme's matrix, of a small study: beyond, HiGHS spends seconds before it can be broken off."""
ENTRIES_PER_S, MOST_IN_TIME = 5_000, 100_000
"""Of it, for each second that there is, where a clock counts; and all in all."""

ROWS_OF_ARC = 3
"""That whoever goes along an arc stands in, as a rule at least: served once, and only where a plug is."""
NEAR = 1e-4
"""Of the dearest thing, how near another aim comes to the least."""
MOST_NODES = 2000
"""Of the search tree for another aim, so that it ends where no clock counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """What the programme came to."""

    bound: float
    built: Built | None


def solve_exactly(
    problem: SitingProblem,
    groups: Groups,
    *,
    seconds: float,
    phase: int | None = None,
    is_any_enough: bool = False,
    should_stop: Callable[[], bool] | None = None,
    on_bound: Callable[[float], None] | None = None,
) -> Exact | None:
    """
    Solve it, bounded, in so many seconds; None where the study is too large, or nothing keeps its floors.

    Parameters
    ----------
    phase
        The one that alone counts, with all money that has come by then, as if nothing had been built before.
    is_any_enough
        Whether the first plan that keeps the floors ends it; it builds all in the last phase.
    should_stop
        Asked now and then.
    on_bound
        Told the bound now and then, on the way.
    """
    most_entries = min(MOST_IN_TIME, ENTRIES_PER_S * seconds) if np.isfinite(seconds) else 0.0
    count = len(problem.wishes.phases)
    alone = count - 1 if is_any_enough else phase
    phases = range(count) if alone is None else [alone]
    model = small_model(problem, groups, phases=phases, most_entries=most_entries)
    if model is None:
        return None
    top = float(np.abs(model.programme.cost).max(initial=0.0))
    told = solve_programme(
        model.programme,
        unit=max(1e-9, 1e-6 * top),
        seconds=seconds,
        keeps_counts=True,
        enough=np.inf if is_any_enough else -np.inf,
        should_stop=should_stop,
        on_bound=None if on_bound is None else lambda least: on_bound(-least),
    )
    if np.isinf(told.bound):
        return None
    return Exact(bound=-told.bound, built=None if told.values is None else model.plan(told.values))


def is_small(problem: SitingProblem, groups: Groups) -> bool:
    """Whether it may be solved where no clock counts."""
    return small_model(problem, groups, phases=range(len(problem.wishes.phases))) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Even:
    """The greatest share of floors that was found."""

    built: Built
    share: float
    bound: float
    """Proven: of all of them no more is kept."""


def even_exactly(
    problem: SitingProblem, groups: Groups, *, seconds: float, whole: frozenset[str] = frozenset(), near: float = NEAR
) -> Even | None:
    """
    What to build, all of it in the last phase, for the greatest share of all floors that is found in so many seconds.

    None where the study is too large, or nothing is found. Floors of districts that are `whole` are kept beside, and
    not among them. Nothing is looked for that is not greater by what is `near`.
    """
    phases = [len(problem.wishes.phases) - 1]
    model = small_model(problem, groups, phases=phases, aim=Aim.EVEN, whole=whole)
    if model is None:
        return None
    most_nodes = None if np.isfinite(seconds) else MOST_NODES
    told = solve_programme(model.programme, unit=near, seconds=seconds, keeps_counts=True, most_nodes=most_nodes)
    if told.values is None:
        return None
    return Even(built=model.plan(told.values), share=-float(model.programme.cost @ told.values), bound=-told.bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """The least of something that was found, or that nothing was."""

    built: Built | None
    bound: float
    """Proven: nothing less does; infinite where nothing does at all."""
    is_proven: bool
    """Whether it is proven that nothing less does than what was found; of money to the cent."""


def least_exactly(
    problem: SitingProblem,
    groups: Groups,
    aim: Aim,
    *,
    seconds: float,
    enough: float = -np.inf,
    should_stop: Callable[[], bool] | None = None,
) -> Least | None:
    """
    What to build, all of it in the last phase, for the least of an aim that is found in so many seconds.

    None where the study is too large. What takes no more than is `enough` ends it: with any such limit it goes the same
    way to it, so that what is found without one is found with it as soon.
    """
    model = small_model(problem, groups, phases=[len(problem.wishes.phases) - 1], aim=aim)
    if model is None:
        return None
    cost = model.programme.cost
    step = step_of(cost) or CENT if aim is Aim.MONEY else np.inf
    unit = max(1e-9, min(1.0, step, NEAR * float(np.abs(cost).max(initial=0.0))))
    most_nodes = None if np.isfinite(seconds) else MOST_NODES
    told = solve_programme(
        model.programme,
        unit=unit,
        seconds=seconds,
        # Sites are counted by themselves; of money a plan is found sooner where presolve may put sums for what counts.
        keeps_counts=aim is Aim.SITES,
        enough=enough + NEAR * unit,
        most_nodes=most_nodes,
        should_stop=should_stop,
    )
    if told.values is None:
        return Least(built=None, bound=told.bound, is_proven=False)
    reached = float(cost @ np.where(model.programme.is_whole, np.rint(told.values), told.values))
    # Money is told in cents, and all that may be less is a step less.
    is_proven = told.bound > up_to_cent(reached) - step if aim is Aim.MONEY else told.bound >= reached - unit
    return Least(built=model.plan(told.values), bound=told.bound, is_proven=bool(is_proven))


def any_exactly(
    problem: SitingProblem, groups: Groups, *, seconds: float, should_stop: Callable[[], bool] | None = None
) -> Least | None:
    """
    Anything, all of it built in the last phase, that keeps the floors, or that nothing does, as so many seconds tell.

    None where the study is too large. The bound is infinite where it is proven that nothing does.
    """
    model = small_model(problem, groups, phases=[len(problem.wishes.phases) - 1])
    if model is None:
        return None
    most_nodes = None if np.isfinite(seconds) else MOST_NODES
    told = solve_programme(
        model.programme,
        unit=1.0,
        seconds=seconds,
        keeps_counts=True,
        enough=np.inf,
        most_nodes=most_nodes,
        should_stop=should_stop,
    )
    built = None if told.values is None else model.plan(told.values)
    return Least(built=built, bound=told.bound, is_proven=False)


def is_impossible(problem: SitingProblem, groups: Groups, *, seconds: float) -> bool:
    """Whether so many seconds prove that no plan keeps the floors; of a study that is too large they do not."""
    told = any_exactly(problem, groups, seconds=seconds)
    return told is not None and told.bound == np.inf


def small_model(
    problem: SitingProblem,
    groups: Groups,
    *,
    phases: Sequence[int],
    aim: Aim = Aim.VALUE,
    whole: frozenset[str] = frozenset(),
    most_entries: float = 0.0,
) -> Model | None:
    """The programme of a study, unless it has more entries than a small one may have, and than are given."""
    most_entries = max(most_entries, MOST_ENTRIES)
    least = ROWS_OF_ARC * len(groups.arc_site) * len(phases) * len(problem.wishes.scenarios)
    if not len(groups.arc_site) or least > most_entries:
        return None
    is_left = np.isin(np.arange(len(problem.sites)), groups.arc_site)
    is_left |= [site.id in problem.wishes.force for site in problem.sites]
    model = Model(problem, groups, phases=phases, is_left=is_left, aim=aim, whole=whole)
    return model if len(model.programme.value) <= most_entries else None
