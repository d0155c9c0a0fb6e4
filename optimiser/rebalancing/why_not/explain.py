"""Puts answers together: proofs first, then what was tried, then what nobody knows."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from optimiser.basics.result import Violation
from optimiser.rebalancing.plan import NOTHING, Plan
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import Timeline, replay
from optimiser.rebalancing.why_not.alone import Alone, Obstacle
from optimiser.rebalancing.why_not.answer import (
    Alternative,
    Code,
    Kind,
    Proof,
    Reason,
    SmallestChange,
    WhyNot,
    code_of,
    untried,
)
from optimiser.rebalancing.why_not.changes import Change
from optimiser.rebalancing.why_not.shapes import MUCH, PLANNED, Candidate
from optimiser.rebalancing.why_not.trial import Effect, Trial, Trials
from optimiser.rebalancing.why_not.ways import Ways
from optimiser.rebalancing.why_not.wishes import Wish, WishKind, missing, wishes

_TRIES = 4
"""Insertions that seem to fit and are tried, cheapest first."""
_ALTERNATIVES = 3
_CENT = 0.01


def why_not(
    problem: Problem, plan: Plan, *, is_proven_best: bool = False, within_s: float = math.inf
) -> tuple[WhyNot, ...]:
    """
    Why each wish that a plan leaves open is left open.

    Parameters
    ----------
    plan
        Keeps every rule.
    is_proven_best
        Whether no plan costs less; then a wish that could be done is not worth it, and that is proven.
    within_s
        Processor time after which nothing more is tried; of the wishes that are left nothing is proven.

    Returns
    -------
    tuple[WhyNot, ...]
        One for each must-do work that is missing and for each station outside its target, must-do work first.
    """
    timeline = replay(problem, plan)
    found = wishes(problem, timeline)
    if not found:
        return ()
    until_s = time.thread_time() + within_s
    night = _Night(problem, plan, timeline, is_proven_best=is_proven_best)
    return tuple(night.answer(wish) if time.thread_time() < until_s else untried(wish) for wish in found)


class _Night:
    """One night and its plan, with what is computed once for all wishes."""

    def __init__(self, problem: Problem, plan: Plan, timeline: Timeline, *, is_proven_best: bool) -> None:
        self.problem, self.plan, self.timeline, self.is_proven_best = problem, plan, timeline, is_proven_best
        self.trials, self.ways = Trials(problem, plan), Ways(problem, plan, timeline)
        self.alone = Alone(problem, timeline)

    def answer(self, wish: Wish) -> WhyNot:
        """The answer for one wish."""
        candidates = self.ways.of(wish)
        # Less picked up or dropped off than planned may leave a stop with nothing to do: no way to serve anything.
        tried = [trial for trial in self._tried(wish, candidates) if not _is_idle(trial)]
        done = [trial for trial in tried if trial.effect is not None and trial.effect.units > 0]
        fits = sorted((trial for trial in done if not trial.violations), key=_delta)
        broken = [trial for trial in tried if trial.violations and (trial.change is None or trial in done)]
        changes = tuple(_smallest([trial for trial in done if trial.violations], fits, wish))
        kind, reasons = self._judged(wish, fits, broken, changes)
        if not changes and kind is not Kind.SEARCH_LIMIT:
            changes = tuple(self._wish_less(wish, reasons))
        return WhyNot(
            wish=wish,
            kind=kind,
            reasons=tuple(reasons),
            smallest_changes=changes,
            alternatives=tuple(_alternatives(fits)),
        )

    def _tried(self, wish: Wish, candidates: Sequence[Candidate]) -> Iterator[Trial]:
        """What seems to fit, cheapest first; then of each thing that may be missing what misses least."""
        fits = sorted((one for one in candidates if one.lacks == ""), key=lambda one: one.money)[:_TRIES]
        planned = [one for one in candidates if one.lacks == PLANNED]
        does_one = False
        for candidate in (*fits, *planned):
            trial = self.trials.of(candidate.build(), wish)
            does_one = does_one or (not trial.violations and trial.effect is not None and trial.effect.pays)
            yield trial
        if does_one:
            return
        is_let_in = False
        for name in dict.fromkeys(one.lacks for one in candidates if one.lacks not in {"", PLANNED, MUCH}):
            trial = self.trials.of(min((one for one in candidates if one.lacks == name), key=_rank).build(), wish)
            is_let_in = is_let_in or trial.change is not None
            yield trial
        if not is_let_in and (much := [one for one in candidates if one.lacks == MUCH]):
            yield self.trials.of(min(much, key=_rank).build(), wish)

    def _judged(
        self, wish: Wish, fits: list[Trial], broken: list[Trial], changes: Sequence[SmallestChange]
    ) -> tuple[Kind, list[Reason]]:
        """The kind, and the reasons with the one for the kind first."""
        pays = [trial for trial in fits if trial.effect is not None and trial.effect.pays]
        if pays:
            return Kind.SEARCH_LIMIT, [_priced(Code.SEARCH_LIMIT, pays[0])]
        # Beside what fits and does not pay, only what would pay if it fitted is worth a word.
        told = [trial for trial in broken if not fits or (trial.effect is not None and trial.effect.pays)]
        in_the_way = list(_rules_broken(self.problem, told))
        if not fits and (obstacles := self.alone.obstacles(wish)):
            return Kind.IMPOSSIBLE, [*_proven(obstacles), *self._too_dear([], changes)]
        too_dear = list(self._too_dear(fits, changes))
        if self.is_proven_best:
            best = Reason(code=Code.VALUE_BELOW_COST, proof=Proof.PROVEN)
            return Kind.NOT_WORTH_IT, [best, *in_the_way]
        nothing_left = list(self._no_surplus(wish))
        if fits and not nothing_left:
            return Kind.NOT_WORTH_IT, [*too_dear, *in_the_way]
        reasons = [*nothing_left, *too_dear, *in_the_way] if fits else [*nothing_left, *in_the_way, *too_dear]
        if not reasons:
            reasons = [self._nothing_to_do_with(wish)]
        if fits or self._fits_alone(wish):
            return Kind.CONFLICTS, reasons
        return Kind.SEARCH_LIMIT, [Reason(code=Code.SEARCH_LIMIT, proof=Proof.OPEN), *reasons]

    def _too_dear(self, fits: list[Trial], changes: Sequence[SmallestChange]) -> Iterator[Reason]:
        """What fits costs more than it gains; so does what no change of a limit would make pay."""
        if fits:
            yield _priced(Code.VALUE_BELOW_COST, fits[0])
        elif changes and not any(item.effect.pays for item in changes):
            first = min(changes, key=lambda item: item.effect.delta)
            yield Reason(
                code=Code.VALUE_BELOW_COST,
                proof=Proof.PRICED,
                amount=first.effect.delta,
                insertion=first.insertion,
                change=first.change,
            )

    def _no_surplus(self, wish: Wish) -> Iterator[Reason]:
        """The targets ask for more bikes than there are, and every bike stands where one is asked for."""
        if wish.brings and not self._spare_bikes:
            asked = sum(station.target.low for station in self.problem.stations)
            there = sum(self.timeline.inventories.values())
            yield Reason(code=Code.NO_SURPLUS_LEFT, proof=Proof.COUNTED, amount=asked - there, least=asked)

    @cached_property
    def _spare_bikes(self) -> int:
        """Bikes above the lower ends of targets, on vans, and in depots."""
        final = self.timeline.inventories
        driven = {route.van_id for route in self.timeline.routes}
        return (
            sum(max(0, final[station.id] - station.target.low) for station in self.problem.stations)
            + sum(holding.ready for holding in self.timeline.depots.values())
            + sum(van.initial_load for van in self.problem.vans if van.id not in driven)
        )

    def _nothing_to_do_with(self, wish: Wish) -> Reason:
        """No way was found at all: there is nothing to bring or swap, or no dock for it."""
        code = Code.DOCKS_FULL if wish.brings else Code.NO_SURPLUS_LEFT
        return Reason(code=code, proof=Proof.COUNTED, place_id=wish.station_id, amount=wish.amount)

    def _fits_alone(self, wish: Wish) -> bool:
        """Whether one van with nothing else to do could do a unit of it: one insertion into an empty plan that can."""
        lacking = self._lacking_at_start.get((wish.station_id, wish.kind), 0)
        if lacking < wish.amount:
            return True
        ways, trials = self._empty
        candidates = sorted(ways.of(replace(wish, amount=lacking)), key=lambda one: (one.lacks != "", one.money))
        for candidate in candidates[: 2 * _TRIES]:
            trial = trials.of(candidate.build(), wish)
            if not trial.violations and trial.effect is not None and trial.effect.units > 0:
                return True
        return False

    @cached_property
    def _lacking_at_start(self) -> dict[tuple[str, WishKind], int]:
        return missing(self.problem, replay(self.problem, NOTHING))

    @cached_property
    def _empty(self) -> tuple[Ways, Trials]:
        """The same night with every van in its depot, of vans that differ in nothing but their name one."""
        alike = {replace(van, id=""): van for van in reversed(self.problem.vans)}
        night = replace(self.problem, vans=tuple(alike.values()))
        return Ways(night, NOTHING, replay(night, NOTHING)), Trials(night, NOTHING)

    def _wish_less(self, wish: Wish, reasons: Iterable[Reason]) -> Iterator[SmallestChange]:
        """To ask for no more than can be had, where more than that is asked for."""
        beyond = {Code.DOCKS_FULL, Code.NO_SURPLUS_LEFT}
        if wish.kind not in {"low", "swaps", "broken"} or not any(
            reason.proof is Proof.PROVEN and reason.code in beyond and reason.place_id for reason in reasons
        ):
            return
        change = Change(of="stations", id=wish.station_id, field=f"must.{wish.kind}", by=-wish.amount)
        gain = self.problem.prices.must * wish.amount
        effect = Effect(delta=-gain, units=wish.amount, saved_trips=0.0, must_units=wish.amount)
        yield SmallestChange(change=change, insertion=None, effect=effect)


def _is_idle(trial: Trial) -> bool:
    return any(violation.rule == "whole_bikes" for violation in trial.violations)


def _rank(candidate: Candidate) -> tuple[bool, float]:
    return candidate.rank


def _delta(trial: Trial) -> float:
    return math.inf if trial.effect is None else trial.effect.delta


def _priced(code: Code, trial: Trial) -> Reason:
    return Reason(code=code, proof=Proof.PRICED, amount=_delta(trial), insertion=trial.insertion)


def _alternatives(fits: list[Trial]) -> Iterator[Alternative]:
    """The cheapest of each van."""
    first = {trial.insertion.van_id: trial for trial in reversed(fits)}
    for trial in sorted(first.values(), key=_delta)[:_ALTERNATIVES]:
        if trial.effect is not None:
            yield Alternative(insertion=trial.insertion, effect=trial.effect)


def _proven(obstacles: tuple[Obstacle, ...]) -> Iterator[Reason]:
    """For each code the van that comes closest."""
    nearest: dict[Code, Obstacle] = {}
    for obstacle in obstacles:
        code = code_of(obstacle.rule)
        if code not in nearest or obstacle.amount < nearest[code].amount:
            nearest[code] = obstacle
    for code, obstacle in nearest.items():
        yield Reason(
            code=code,
            proof=Proof.PROVEN,
            rule=obstacle.rule,
            van_id=obstacle.van_id,
            place_id=obstacle.station_id,
            amount=obstacle.amount,
            least=obstacle.least,
        )


def _rules_broken(problem: Problem, trials: list[Trial]) -> Iterator[Reason]:
    """For each code the insertion with the smallest amount against it; those that one change lets in first."""
    told: set[Code] = set()
    for trial in sorted(trials, key=lambda one: (one.change is None, len(one.violations), _size(one.change))):
        for violation in trial.violations:
            code = _code(problem, trial, violation)
            if code not in told:
                told.add(code)
                yield _broken(problem, trial, violation, code)


def _broken(problem: Problem, trial: Trial, violation: Violation, code: Code) -> Reason:
    van_id = next((id_ for id_ in violation.ids if id_ in problem.van_by_id), trial.insertion.van_id)
    place_id = next((id_ for id_ in violation.ids if id_ not in problem.van_by_id), "")
    return Reason(
        code=code,
        proof=Proof.PRICED,
        rule=violation.rule,
        van_id=van_id,
        place_id=place_id,
        amount=violation.amount,
        insertion=trial.insertion,
        change=trial.change,
    )


def _code(problem: Problem, trial: Trial, violation: Violation) -> Code:
    insertion = trial.insertion
    stops = [stop for _, stop in (*insertion.new, *insertion.more) if stop.station_id == violation.ids[0]]
    takes = any(stop.pickup for stop in stops) or (insertion.more_at_start > 0 and violation.rule == "depot_stock")
    return code_of(violation.rule, is_short=takes)


def _smallest(broken: list[Trial], fits: list[Trial], wish: Wish) -> Iterator[SmallestChange]:
    """Of each field that may be changed the smallest change that pays, or the smallest; none where none is needed."""
    if any(trial.effect is not None and trial.effect.pays for trial in fits):
        return
    made = [
        SmallestChange(change=trial.change, insertion=trial.insertion, effect=trial.effect)
        for trial in broken
        if trial.change is not None and trial.effect is not None
    ]
    made += _dearer(fits, wish)
    made.sort(key=lambda item: (not item.effect.pays, _size(item.change)))
    seen: set[tuple[str, str]] = set()
    for item in [item for item in made if item.effect.pays] or made:
        key = item.change.of, item.change.field
        if key not in seen:
            seen.add(key)
            yield item


def _dearer(fits: list[Trial], wish: Wish) -> Iterator[SmallestChange]:
    """By how much the price of what it gains would have to rise for an insertion that fits to pay, in whole cents."""
    field = "must" if wish.is_must else "lost_trip"
    for trial in fits:
        effect = trial.effect
        if effect is None:
            continue
        gained = effect.must_units if wish.is_must else effect.saved_trips
        if gained > 1e-6:
            by = _CENT * (math.floor(max(0.0, effect.delta) / gained / _CENT + 1e-6) + 1)
            change = Change(of="prices", field=field, by=round(by, 2))
            yield SmallestChange(
                change=change,
                insertion=trial.insertion,
                effect=replace(effect, delta=effect.delta - round(by, 2) * gained),
            )


def _size(change: Change | None) -> float:
    """How large a change is, on one scale for all fields; a permission counts as more than any usual number."""
    if change is None:
        return math.inf
    return 1.0 if change.by is None else abs(change.by) / _USUAL.get(change.field, 3600.0)


_USUAL = {
    "range_m": 20_000.0,
    "slots": 20.0,
    "capacity": 20.0,
    "room": 40.0,
    "stock": 20.0,
    "batteries": 40.0,
    "lost_trip": 10.0,
    "must": 1000.0,
}
"""What is a lot to ask for; of times an hour."""
