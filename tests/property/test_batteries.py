"""Packs of any depot: the plan keeps every rule, adds up, is never worse than charging at once, and is the best."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.batteries.check import check
from optimiser.batteries.cost import amounts, slot_kw
from optimiser.batteries.left import packs_left
from optimiser.batteries.plain import plug_and_charge
from optimiser.batteries.problem import Problem
from optimiser.batteries.smart import charge_smartly
from tests.unit.batteries.depots import HOUR, depot

PRICES = st.sampled_from((0.1, 0.15, 0.2, 0.3, 0.5))


@st.composite
def depots(draw: st.DrawFn) -> Problem:
    """Moments to the second, caps that bind or not, packs that come too late."""
    hours = draw(st.integers(1, 8))
    arrivals = draw(st.dictionaries(st.integers(0, (hours + 1) * HOUR), st.integers(1, 5), max_size=4))
    changes = draw(st.sets(st.integers(1, hours * HOUR - 1), max_size=2))
    return depot(
        tuple(draw(st.lists(PRICES, min_size=hours, max_size=hours))),
        arrivals=tuple(sorted(arrivals.items())),
        slots=draw(st.integers(0, 6)),
        slot_kw=draw(st.sampled_from((0.1, 0.25, 1.0))),
        need_kwh=draw(st.sampled_from((0.2, 0.5, 1.7))),
        site_kw=draw(st.sampled_from((None, 0.0, 0.3, 1.1))),
        changes=tuple(sorted(changes)),
        co2_price=draw(st.sampled_from((0.0, 0.7))),
    )


@settings(max_examples=60, deadline=None)
@given(depots())
def test_plans_hold_add_up_and_are_never_worse_than_charging_at_once(problem: Problem):
    found = charge_smartly(problem)
    assert found is not None
    plan, is_best = found
    plain = plug_and_charge(problem)
    assert is_best
    assert check(problem, plan) == check(problem, plain) == ()
    for each in (plan, plain):
        its, left = amounts(problem, each), packs_left(problem, each)
        assert its.full + sum(item.packs for item in left) == problem.packs
        assert its.kwh + sum(item.missing_kwh for item in left) == pytest.approx(
            problem.packs * problem.need_kwh, abs=1e-5
        )
        slot_s = problem.grid.slot_s
        drawn = sum(
            kw * (min((slot + 1) * slot_s, problem.end_s) - slot * slot_s) / 3600
            for slot, kw in enumerate(slot_kw(problem, each))
        )
        assert drawn == pytest.approx(its.kwh, abs=1e-9)
    ours, theirs = amounts(problem, plan), amounts(problem, plain)
    assert ours.full >= theirs.full
    if ours.full == theirs.full:
        assert ours.kwh >= theirs.kwh - 1e-5
        if ours.kwh <= theirs.kwh + 1e-5:
            assert ours.cost <= theirs.cost + 1e-5


@pytest.mark.parametrize("seed", range(14))
def test_nothing_is_better_on_whole_hours(seed: int):
    """
    With whole hours, a need of whole hours at full power and a cap of whole slots some best plan is whole as well.

    For given stays it is a transport problem, whose corners are whole; so brute force over hours finds the best.
    """
    hours = 4
    tariff = tuple((0.1, 0.2, 0.35, 0.5)[(seed * (3 + 2 * hour) + hour * hour) % 4] for hour in range(hours))
    problem = depot(
        tariff,
        arrivals=((0, 1 + seed % 2), (HOUR, 1)) if seed % 3 else ((0, 3),),
        slots=1 + seed % 3 if seed % 5 else 2,
        need_kwh=float(1 + seed % 2),
        site_kw=(None, 1.0, 2.0)[seed % 3],
        changes=((2 * HOUR,), (), (HOUR, 3 * HOUR))[(seed // 2) % 3],
    )
    found = charge_smartly(problem)
    assert found is not None
    ours = amounts(problem, found[0])
    full, kwh, less = _best(problem, hours)
    assert (ours.full, ours.kwh, ours.cost) == (full, pytest.approx(kwh, abs=1e-6), pytest.approx(-less, abs=1e-6))


def _best(problem: Problem, hours: int) -> tuple[int, float, float]:
    """Full packs, kWh and money below nothing of the best plan, over every stay and every set of hours of each pack."""
    need = round(problem.need_kwh)
    cap = hours if problem.site_kw is None else round(problem.site_kw)
    ends = [*(change // HOUR for change in problem.changes), hours]
    begins = [moment // HOUR for moment in problem.moments]
    nothing = (hours, hours, ())
    ways = [
        (begin, end, used)
        for begin, end in product(begins, ends)
        if begin < end
        for count in range(need + 1)
        for used in combinations(range(begin, end), count)
        if count == need or end == hours
    ]
    best = (0, 0.0, 0.0)
    for night in product((nothing, *ways), repeat=problem.packs):
        if list(night) != sorted(night):
            continue
        went_in = all(sum(b <= m for b, _, _ in night if b < hours) <= problem.arrived(m * HOUR) for m in begins)
        fits = all(sum(b <= h < e for b, e, _ in night) <= problem.slots for h in range(hours))
        drawn = [sum(h in used for _, _, used in night) for h in range(hours)]
        if went_in and fits and max(drawn) <= cap:
            money = sum(count * problem.grid.tariff[h] for h, count in enumerate(drawn))
            best = max(best, (sum(len(used) == need for _, _, used in night), float(sum(drawn)), -money))
    return best
