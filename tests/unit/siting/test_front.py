"""What more money and more fairness would bring: the front, its proofs, and its knee."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.siting.check import check
from optimiser.siting.cost import total_cost, value
from optimiser.siting.front import FrontPoint, front, knee, pareto
from optimiser.siting.plan import SitingPlan
from optimiser.siting.status import Status
from tests.siting_studies import point, random_study, site, study, wishes

LIMITS = SolveLimits(seconds=20.0)


def three_villages(*budgets, **given):
    """Nine, five and one people in three districts; each village costs 110 to serve."""
    return study(
        [point("a", 9, district="A"), point("b", 5, district="B"), point("c", 1, district="C")],
        [site("A"), site("B"), site("C")],
        [{"A": 10}, {"B": 10}, {"C": 10}],
        districts=("A", "B", "C"),
        wishes=wishes(*budgets, **given),
    )


def test_the_front_of_three_villages_by_hand():
    told = front(three_villages(330.0), LIMITS, fractions=(1 / 3, 2 / 3, 1.0), floors=(0.0,))
    assert [(item.cost, item.value, item.worst_share) for item in told.points] == [
        (110.0, 9.0, 0.0),
        (220.0, 14.0, 0.0),
        (330.0, 15.0, 1.0),
    ]
    # Scaled: (0, 0), (1/2, 5/6), (1, 1): the one in the middle is 1/3 above the chord.
    assert told.knee == 1


def test_a_floor_that_costs_nothing_else_adds_no_point():
    told = front(three_villages(330.0), LIMITS, fractions=(1.0,), floors=(0.0, 0.5, 1.0))
    assert [(item.cost, item.value) for item in told.points] == [(330.0, 15.0)]
    assert told.dominated == 2
    assert told.knee is None


def test_fairness_is_bought_with_value():
    # 220 pays for two villages; a floor in the smallest takes one of them from b.
    asked = replace(three_villages(220.0), wishes=wishes(220.0, floors={"C": 0.0}))
    free = front(asked, LIMITS, fractions=(1.0,), floors=(0.0,)).points
    fair = front(
        replace(asked, wishes=wishes(220.0, floors={"C": 1.0})), LIMITS, fractions=(1.0,), floors=(0.0,)
    ).points
    assert [item.value for item in free] == [14.0]
    assert [item.value for item in fair] == [10.0]


def test_without_a_budget_the_cost_of_all_that_helps_is_taken_for_it():
    told = front(three_villages(None), LIMITS, fractions=(1 / 3, 1.0), floors=(0.0,))
    assert [item.budget for item in told.points] == pytest.approx([110.0, 330.0])


@pytest.mark.parametrize("seed", range(6))
def test_every_point_keeps_to_its_wishes_and_none_is_beaten(seed):
    asked = random_study(seed, points=8, sites=5, phases=2)
    told = front(asked, LIMITS, fractions=(0.3, 0.6, 1.0), floors=(0.0, 0.5))
    for item in told.points:
        assert check(replace(asked, wishes=item.wishes), item.plan) == ()
        assert (item.cost, item.value) == (total_cost(asked, item.plan), pytest.approx(value(asked, item.plan)))
        assert item.value <= item.upper_bound + 1e-9
        others = [other for other in told.points if other is not item]
        assert not any(
            other.cost <= item.cost and other.value >= item.value and other.worst_share >= item.worst_share
            for other in others
        )
    best = [item.value for item in told.points if item.floor == 0.0]
    assert best == sorted(best)


def made(cost, reached, worst=0.0):
    return FrontPoint(
        fraction=1.0,
        floor=0.0,
        budget=cost,
        cost=cost,
        value=reached,
        worst_share=worst,
        upper_bound=reached,
        status=Status.PROVEN,
        plan=SitingPlan(),
        wishes=wishes(cost),
    )


def test_what_is_beaten_in_everything_is_dropped_and_what_is_fairer_stays():
    kept = pareto([made(10, 5), made(10, 4), made(12, 5), made(12, 4, 0.5), made(20, 9)])
    assert [(item.cost, item.value) for item in kept] == [(10, 5), (12, 4), (20, 9)]


def test_the_knee_is_furthest_above_the_chord_and_fair_points_below_the_curve_do_not_count():
    # Scaled: (0, 0), (1/4, 0.8), (1/2, 0.9), (1, 1): 0.55 above the chord, then 0.4.
    curve = [made(0, 0), made(25, 80), made(30, 10, 0.9), made(50, 90), made(100, 100)]
    assert knee(curve) == 1
    # On a straight line no point is above the chord, and a curve that bends the other way has none either.
    assert knee([made(0, 0), made(50, 50), made(100, 100)]) is None
    assert knee([made(0, 0), made(50, 10), made(100, 100)]) is None
