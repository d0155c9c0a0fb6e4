"""What more money and more fairness would bring: the front, its proofs, and its knee."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.siting.check import check
from optimiser.siting.cost import total_cost, value
from optimiser.siting.front import front
from optimiser.siting.front_points import FrontPoint, knee, pareto
from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import District
from optimiser.siting.solve import solve
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


def made(cost, reached, worst=0.0, floor=0.0, own=0.0):
    return FrontPoint(
        fraction=1.0,
        budget=cost,
        floors={"A": floor},
        own_floors={"A": own},
        asked=wishes(cost),
        wishes=wishes(cost),
        cost=cost,
        value=reached,
        shares={"A": worst},
        upper_bound=reached,
        status=Status.PROVEN,
        plan=SitingPlan(),
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


def test_the_knee_keeps_its_floor_where_any_plan_does():
    # The bend is at 25, where 15 % are asked for and 5 % are served; of the others 50 is 0.3 above the chord.
    curve = [made(0, 0, 0.2, 0.15), made(25, 80, 0.05, 0.15), made(50, 80, 0.2, 0.15), made(100, 100, 0.2, 0.15)]
    assert knee(curve) == 2
    assert knee([replace(item, shares={"A": 0.0}) for item in curve]) == 1


def test_the_knee_keeps_the_floors_of_the_study_where_any_plan_does():
    # The bend at 25 asks for nothing, so that it keeps its floor; the study asks for 5 %, which two of the others keep.
    poor, rich = made(25, 80, 0.0, 0.0, own=0.05), made(100, 100, 0.06, 0.05, own=0.05)
    curve = [made(0, 0, own=0.05), poor, made(50, 90, 0.06, 0.05, own=0.05), rich]
    assert not poor.missed
    assert poor.own_missed == ("A",)
    assert knee(curve) is None
    # With a third one: (0, 0), (1/2, 5/6), (1, 1).
    assert knee([made(0, 40, 0.06, 0.05, own=0.05), *curve[1:]]) == 2


def without(item, *ids):
    """The same where the study asks for sites at which nothing is built."""
    return replace(item, asked=replace(item.asked, force=frozenset(ids)))


def test_the_knee_builds_at_all_forced_sites_where_any_plan_does():
    # The bend at 25 leaves A out; of the others 50 is 0.3 above the chord.
    curve = [made(0, 0), without(made(25, 80), "A"), made(50, 80), made(100, 100)]
    assert knee(curve) == 2
    assert knee(curve[1:]) is None
    assert knee([without(item, "A") for item in curve]) == 1


def test_what_leaves_out_a_forced_site_takes_no_place_from_what_builds_there():
    whole, dear = made(10, 5), made(12, 4)
    short = without(whole, "A")
    assert pareto([short, dear]) == (short, dear)
    assert pareto([whole, without(dear, "A")]) == (whole,)
    # Neither builds at all that the other does; then one leaves out more.
    other = without(dear, "B")
    assert pareto([short, other]) == (short, other)
    assert pareto([short, without(dear, "A", "B")]) == (short,)


def test_points_tell_the_forced_sites_that_they_leave_out_and_bounds_are_of_plans_that_build_at_the_others():
    # 110 pay for one of b and c, while a would bring 9; 220 for both, while a and b would bring 14.
    told = front(three_villages(330.0, force=frozenset("BC")), LIMITS, fractions=(1 / 3, 2 / 3, 1.0), floors=(0.0,))
    assert [(item.cost, item.value, item.upper_bound, item.left_out) for item in told.points] == [
        (110.0, 5.0, pytest.approx(5.0), {"C"}),
        (220.0, 6.0, pytest.approx(6.0), set()),
        (330.0, 15.0, pytest.approx(15.0), set()),
    ]
    assert told.knee is None


def test_a_plan_that_leaves_out_a_forced_site_is_dropped_where_one_for_the_same_money_builds_there(monkeypatch):
    asked = three_villages(220.0, force=frozenset("C"))
    solved = solve(asked, LIMITS)
    nothing_known(monkeypatch)
    free = replace(asked, wishes=replace(asked.wishes, force=frozenset()))
    monkeypatch.setattr("optimiser.siting.front.solve", lambda _, limits, **__: solve(free, limits))
    told = front(asked, LIMITS, study=solved, fractions=(1.0,), floors=(0.0, 0.5))
    # The other one brings 14.
    assert [(item.cost, item.value, item.left_out) for item in told.points] == [(220.0, 10.0, set())]
    assert told.dominated == 1


def test_the_front_tells_plans_that_break_the_floors_of_the_study_though_they_keep_what_they_ask_for():
    # For 110 only one of b and c is served, so that less is asked for.
    asked = three_villages(330.0, floors={"B": 1.0, "C": 1.0})
    told = front(asked, LIMITS, fractions=(1 / 3, 2 / 3, 1.0), floors=(0.0,))
    assert [(item.cost, item.own_missed) for item in told.points] == [
        (110.0, ("C",)),
        (220.0, ()),
        (330.0, ()),
    ]
    assert {item.own_floors["B"] for item in told.points} == {1.0}
    assert told.knee is None


def test_what_breaks_a_floor_of_the_study_takes_no_place_from_what_keeps_it():
    cheap, fair = made(10, 5, 0.1, own=0.0), made(12, 4, 0.1, own=0.1)
    assert len(pareto([cheap, fair])) == 1
    assert len(pareto([replace(cheap, own_floors={"A": 0.2}), fair])) == 2


def test_what_is_beaten_in_everything_is_dropped_whatever_floor_was_asked_for():
    (kept,) = pareto([made(10, 5, 0.1, 0.2), made(12, 4, 0.1, 0.1)])
    assert kept.cost == 10
    # Of equal ones the one is told that keeps its floor.
    (kept,) = pareto([made(10, 5, 0.1, 0.2), made(10, 5, 0.1, 0.1)])
    assert kept.floor == 0.1


def test_points_tell_the_floor_that_is_asked_for_and_where_it_is_missed():
    # 110 pays for one of two villages that are both promised something; nobody lives in D.
    asked = replace(
        three_villages(110.0),
        districts=(*three_villages(110.0).districts, District(id="D", name="D")),
        wishes=wishes(110.0, floors={"A": 0.6, "B": 0.2, "D": 0.9}),
    )
    (told,) = front(asked, LIMITS, fractions=(1.0,), floors=(0.0,)).points
    assert told.floors == {"A": 0.6, "B": 0.2, "C": 0.0}
    assert (told.floor, told.highest_floor) == (0.0, 0.6)
    assert (told.missed, told.worst_share) == (("B",), 0.0)


def nothing_known(monkeypatch):
    """Solves that find nothing but what costs nothing, and prove nothing; every problem that they are asked."""
    asked = []

    def poor(problem, limits, **_):
        asked.append(problem)
        free = replace(problem.wishes, phases=tuple(replace(item, budget=0.0) for item in problem.wishes.phases))
        poorest = solve(replace(problem, wishes=free), limits)
        kept = replace(poorest.wishes, phases=problem.wishes.phases)
        return replace(poorest, wishes=kept, upper_bound=math.inf, status=Status.HEURISTIC)

    monkeypatch.setattr("optimiser.siting.front.solve", poor)
    return asked


def test_the_study_is_on_the_front_and_its_bound_holds_for_less_money_and_stricter_floors(monkeypatch):
    asked = three_villages(220.0)
    solved = solve(asked, LIMITS)
    seen = nothing_known(monkeypatch)
    told = front(asked, LIMITS, study=solved, fractions=(0.5, 1.0), floors=(0.0, 0.5))
    assert [(item.cost, item.value, item.upper_bound) for item in told.points] == [
        (0.0, 0.0, 14.0),
        (220.0, 14.0, 14.0),
    ]
    assert told.points[1].status is Status.PROVEN
    # All the money and no floor is the study itself.
    assert len(seen) == 3


def test_a_study_without_a_budget_bounds_every_budget(monkeypatch):
    asked = three_villages(None)
    solved = solve(asked, LIMITS)
    nothing_known(monkeypatch)
    told = front(asked, LIMITS, study=solved, fractions=(0.5, 1.0), floors=(0.0,))
    assert [(item.budget, item.value, item.upper_bound) for item in told.points] == [
        (165.0, 0.0, 15.0),
        (330.0, 15.0, 15.0),
    ]


def test_a_bound_for_floors_says_nothing_of_plans_that_miss_them(monkeypatch):
    # With c served 10 is most; where it need not be, 14 would be.
    asked = replace(three_villages(220.0), wishes=wishes(220.0, floors={"C": 1.0}))
    solved = solve(asked, LIMITS)
    nothing_known(monkeypatch)
    told = front(asked, LIMITS, study=solved, fractions=(0.5, 1.0), floors=(0.0,))
    assert [(item.missed, item.upper_bound) for item in told.points] == [(("C",), math.inf), ((), 10.0)]


def test_a_plan_that_keeps_what_was_asked_for_is_taken_even_where_floors_gave_way(monkeypatch):
    # The study serves all for 330; what is found for two thirds of its money serves nobody.
    asked = three_villages(495.0)
    solved = solve(asked, LIMITS)
    nothing_known(monkeypatch)
    (told,) = (
        item for item in front(asked, LIMITS, study=solved, fractions=(2 / 3,), floors=(0.5,)).points if item.value
    )
    assert (told.value, told.missed, told.worst_share) == (15.0, (), 1.0)


def test_floors_that_ask_the_same_are_one(monkeypatch):
    seen = nothing_known(monkeypatch)
    asked = replace(three_villages(220.0), wishes=wishes(220.0, floor=0.3))
    told = []
    front(asked, LIMITS, fractions=(0.5, 1.0), floors=(0.0, 0.25, 0.5), on_point=told.append)
    assert [(item.fraction, item.floor) for item in told] == [(1.0, 0.3), (1.0, 0.0), (0.5, 0.3), (0.5, 0.0)]
    assert len(seen) == 4


def test_without_districts_each_budget_is_one_problem_and_no_district_is_the_worst():
    asked = replace(
        three_villages(330.0),
        districts=(),
        demand=tuple(replace(item, district=None) for item in three_villages(330.0).demand),
    )
    solved = []
    told = front(asked, LIMITS, fractions=(1 / 3, 1.0), floors=(0.0, 0.25, 0.5), on_point=solved.append)
    assert len(solved) == 2
    assert [(item.value, item.floor, item.worst_share, item.missed) for item in told.points] == [
        (9.0, None, None, ()),
        (15.0, None, None, ()),
    ]


def test_a_floor_that_cannot_be_kept_is_followed_by_one_halfway_to_what_is():
    # Ten sites serve one of ten people of a district each, and there is money for four of them.
    asked = study(
        [point(f"P{row}", 1, district="A") for row in range(10)],
        [site(f"S{row}") for row in range(10)],
        [{f"S{row}": 10} for row in range(10)],
        districts=("A",),
        wishes=wishes(440.0),
    )
    told = []
    front(asked, LIMITS, fractions=(1.0,), floors=(0.0, 0.5, 0.75), on_point=told.append)
    assert [(item.floor, item.worst_share) for item in told] == [(0.0, 0.4), (0.5, 0.4), (0.45, 0.4)]


def test_where_floors_of_the_city_cannot_be_kept_plans_that_ask_for_less_and_less_follow():
    # Two sites that serve all of a district each, or M alone, which serves a fifth of each of three.
    points = [
        point(f"{id_}{part}", weight, district=id_) for id_ in "abc" for part, weight in (("near", 2), ("far", 8))
    ]
    asked = study(
        points,
        [*(site(id_) for id_ in "abc"), site("M", cost=210.0)],
        [{id_: 10, "M": 10} if part == 0 else {id_: 10} for id_ in "abc" for part in range(2)],
        districts="abc",
        wishes=wishes(220.0, floor=0.5),
    )
    told = []
    points = front(asked, LIMITS, fractions=(1.0,), floors=(0.0, 0.6, 0.75), on_point=told.append).points
    assert [(item.floor, item.worst_share, item.value) for item in told] == [
        (0.5, 0.2, 6.0),
        (0.1, 0.2, 6.0),
        (0.0, 0.0, 20.0),
    ]
    assert [(item.value, item.missed) for item in points] == [(6.0, ()), (20.0, ())]


def test_nothing_is_asked_for_twice_where_a_district_gets_nothing():
    # One of three villages can be paid for: the worst has nothing, and less than nothing cannot be asked for.
    told = []
    asked = three_villages(110.0, floor=0.1)
    front(asked, LIMITS, fractions=(1.0,), floors=(0.0, 0.25, 0.5, 0.75), on_point=told.append)
    assert [(item.floor, item.worst_share) for item in told] == [(0.1, 0.0), (0.0, 0.0)]


def test_a_plan_that_breaks_the_floor_of_the_city_is_left_out_where_one_for_the_same_money_keeps_it(monkeypatch):
    asked = replace(three_villages(220.0), wishes=wishes(220.0, floors={"C": 1.0}))
    solved = solve(asked, LIMITS)
    nothing_known(monkeypatch)
    told = front(asked, LIMITS, study=solved, fractions=(1.0,), floors=(0.0, 0.5))
    assert [(item.cost, item.missed) for item in told.points] == [(220.0, ())]
    assert told.dominated == 1


@pytest.mark.parametrize("force", ["", "c"])
def test_what_comes_nearest_to_a_floor_stands_for_it(monkeypatch, force):
    # 220 pay for two of the sites; the search for 90 % is unlucky and finds the cheap ones, of 5/11 and 1/5.
    # A forced site that 220 do not pay for is left out, and changes nothing.
    asked = study(
        [
            point("a1", 6, district="A"),
            point("a2", 5, district="A"),
            point("b1", 4, district="B"),
            point("b2", 1, district="B"),
        ],
        [site("a1"), site("a2", cost=90.0), site("b1"), site("b2", cost=90.0), site("c", cost=900.0)],
        [{id_: 10} for id_ in ("a1", "a2", "b1", "b2")],
        wishes=wishes(220.0, force=frozenset(force)),
        districts=("A", "B"),
    )

    def unlucky(problem, limits, **_):
        ban = frozenset({"a1", "b1"} if problem.wishes.floor == 0.9 else ())
        found = solve(replace(problem, wishes=replace(problem.wishes, ban=ban)), limits)
        return replace(found, wishes=replace(found.wishes, ban=frozenset()), upper_bound=math.inf)

    monkeypatch.setattr("optimiser.siting.front.solve", unlucky)
    told = front(asked, LIMITS, study=solve(asked, LIMITS), fractions=(1.0,), floors=(0.0, 0.9, 0.95))
    # 55 %, halfway between a fifth and 90 %, are asked for next: a1 and b1 serve 6/11 and 4/5.
    assert [(item.floor, item.worst_share, len(item.missed)) for item in told.points] == [
        (0.2, pytest.approx(1 / 5), 0),
        (0.0, 0.0, 0),
        (0.55, pytest.approx(6 / 11), 1),
    ]
    assert all(item.left_out == set(force) for item in told.points)
