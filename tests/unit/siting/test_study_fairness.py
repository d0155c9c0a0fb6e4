"""Who charges where of all ways that bring as much: the district that is served least is served as well as can be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.siting.check import check
from optimiser.siting.conflicts import floors_reached
from optimiser.siting.cost import district_shares, served_value
from optimiser.siting.groups import groups_of
from optimiser.siting.keeping import with_floors
from optimiser.siting.plan import Installation, SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import Scenario
from optimiser.siting.served_plan import fairly_served, plan_of
from optimiser.siting.solve import solve
from tests.siting_studies import DRIVERS, SLOW, point, random_study, site, study, wishes
from tests.unit.siting.conflicts import LIMITS

NONE = {"A": 0.0, "B": 0.0}
CALM = SLOW.sessions_per_hour(1) / 0.1
"""Drivers that one slow plug takes, who come 0.1 times an hour each: 1.16."""


def towns(weights, ways, **wished):
    """A district for each weight; drivers who go to slow plugs."""
    names = [name for name, _ in zip("ABCD", weights, strict=False)]
    return study(
        [
            point(name.lower(), weight, segment="drivers", district=name)
            for name, weight in zip(names, weights, strict=True)
        ],
        [site(id_, kinds=frozenset({"slow"})) for id_ in ("X", "Y")],
        ways,
        kinds=(SLOW,),
        segments=(replace(DRIVERS, kinds=frozenset({"slow"})),),
        wishes=wishes(110.0, **wished),
        districts=names,
    )


def shares(asked, plan):
    (serving,) = plan.servings
    return list(district_shares(asked, serving).values())


def with_plugs(asked, *sites):
    built = tuple(Installation(phase=0, site_id=id_, kind_id="slow", plugs=1) for id_ in sites)
    plan = plan_of(asked, groups_of(asked), (built, ()), may_miss_floors=False)
    assert plan is not None
    return plan


def test_two_districts_share_one_plug_by_their_people():
    # One plug for 4 + 12 drivers, all worth as much: each district gets the same share of its own.
    asked = towns([4, 12], [{"X": 10}, {"X": 10}])
    result = solve(asked, LIMITS)
    assert shares(asked, result.plan) == pytest.approx([CALM / 16, CALM / 16], rel=1e-5)
    assert result.value == pytest.approx(CALM, rel=1e-6)


def test_whoever_is_worth_more_still_comes_first():
    # B is half as far beyond the full worth: serving any of B would bring less.
    asked = towns([4, 12], [{"X": 10}, {"X": 90}])
    asked = replace(asked, segments=(replace(asked.segments[0], full_s=30, least=0.5),))
    assert shares(asked, solve(asked, LIMITS).plan) == pytest.approx([CALM / 4, 0.0], abs=1e-6)


def test_what_the_worst_district_cannot_have_is_shared_evenly_by_the_next_ones():
    # A, of 40, has X for itself; B and C, of 3 and 5, share Y; D has no plug.
    asked = towns([40, 3, 5, 7], [{"X": 10}, {"Y": 10}, {"Y": 10}, {}])
    plan = fairly_served(asked, groups_of(asked), with_plugs(asked, "X", "Y"))
    assert shares(asked, plan) == pytest.approx([CALM / 40, CALM / 8, CALM / 8, 0.0], rel=1e-5)


def test_a_floor_is_kept_before_what_is_fair_and_so_is_what_can_be_kept_of_one_that_is_missed():
    # A is promised a quarter of its 4 drivers, 1 of the 1.16 whom the plug takes.
    asked = towns([4, 4], [{"X": 10}, {"X": 10}], floors={"A": 0.25})
    kept = shares(asked, solve(asked, LIMITS).plan)
    assert kept == pytest.approx([0.25, CALM / 4 - 0.25], abs=1e-5)
    # Promised all, it gets all that there is.
    asked = towns([4, 4], [{"X": 10}, {"X": 10}], floors={"A": 1.0})
    result = solve(asked, LIMITS)
    assert shares(asked, result.plan) == pytest.approx([CALM / 4, 0.0], abs=1e-5)
    assert [item.possible for item in result.conflicts if item.rule == "floor"] == pytest.approx([CALM / 4], abs=1e-4)


def test_a_floor_that_is_missed_holds_what_is_kept_of_it_in_its_worst_scenario_and_no_more():
    # A is promised all of its people. A plug takes 1.16 of the 40 who come from there in a crowd, and no more is
    # kept on a calm day: of the 4 then, and of the 4 of B, as large a share is served.
    asked = towns([4, 4], [{"X": 10}, {"X": 10}], floors={"A": 1.0})
    days = (Scenario(name="calm", probability=0.5), Scenario(name="crowd", probability=0.5, by_district={"A": 10.0}))
    asked = replace(asked, wishes=replace(asked.wishes, scenarios=days))
    built = (Installation(phase=0, site_id="X", kind_id="slow", plugs=1),)
    plan = plan_of(asked, groups_of(asked), (built, ()), may_miss_floors=True)
    assert plan is not None
    assert by_day(asked, plan) == pytest.approx([CALM / 4, 0.0, CALM / 40, 0.0], abs=1e-5)
    fair = pytest.approx([CALM / 8, CALM / 8, CALM / 40, 0.0], abs=1e-5)
    assert by_day(asked, fairly_served(asked, groups_of(asked), plan)) == fair
    result = solve(asked, LIMITS)
    assert by_day(asked, result.plan) == fair
    assert result.wishes.floors["A"] == pytest.approx(CALM / 40, abs=1e-5)


def by_day(asked, plan):
    """Of A and B, in one scenario after the other."""
    return [share for serving in plan.servings for share in district_shares(asked, serving).values()]


@pytest.mark.parametrize("seed", range(20))
def test_every_phase_and_scenario_brings_as_much_and_its_worst_district_has_no_less(seed):
    asked = random_study(seed, phases=2)
    more = (Scenario(name="low", probability=0.5), Scenario(name="high", probability=0.5, by_district={"A": 2.0}))
    asked = replace(asked, wishes=replace(asked.wishes, scenarios=more))
    groups, result = groups_of(asked), solve(asked, LIMITS)
    plain = plan_of(asked, groups, (result.plan.installations, result.plan.upgrades), may_miss_floors=False)
    assert plain is not None
    assert not check(replace(asked, wishes=result.wishes), result.plan)
    for before, after in zip(plain.servings, result.plan.servings, strict=True):
        assert served_value(asked, after) == pytest.approx(served_value(asked, before), rel=1e-6)
        worst = [min(district_shares(asked, serving).values()) for serving in (before, after)]
        assert worst[1] >= worst[0] - 1e-6
        # Nothing is gained by moving people once more.
        again = fairly_served(asked, groups, result.plan).servings[result.plan.servings.index(after)]
        assert district_shares(asked, again) == pytest.approx(district_shares(asked, after), abs=1e-5)


@pytest.mark.parametrize("share", [1.0, 1.0 - 1e-6])
def test_a_floor_is_lowered_where_it_is_told_and_nowhere_else(share):
    # C is nearer to the only plug than A, which gets what it is promised of it: 1 of its 2. Nobody serves B.
    asked = towns([2, 5, 10], [{"X": 90}, {}, {"X": 10}], floors={"A": 0.5, "B": 0.5})
    asked = replace(asked, segments=(replace(asked.segments[0], full_s=30, least=0.5),))
    stand = standing(asked, SitingPlan(installations=with_plugs(with_floors(asked, NONE), "X").installations))[-1]
    even = with_floors(asked, {"A": 0.5 * share, "B": 0.0})
    kept = floors_reached(asked, groups_of(asked), stand, even=even)
    told = {item.ids[0] for item in kept.conflicts}
    assert told == ({"B"} if share == 1.0 else {"A", "B"})
    assert told == {id_ for id_ in "AB" if kept.problem.floor_of(id_) < 0.5}


@pytest.mark.parametrize(("weights", "to_p"), [((4, 6, 9), 100), ((3, 7, 5), 60), ((120, 80, 200), 10)])
def test_where_there_is_room_for_everybody_everybody_is_served_wholly(weights, to_p):
    # Four plugs at X take most of west, P the rest of it if a is as near to it as to X, and Q all of the east.
    calm = replace(DRIVERS, full_s=50, least=0.5, sessions_per_day=0.05)
    a, b, c = weights
    asked = study(
        [
            point("a", a, segment="drivers", district="west"),
            point("b", b, segment="drivers", district="west"),
            point("c", c, segment="drivers", district="east"),
        ],
        [site("X", plugs={"slow": 4}), site("P"), site("Q")],
        [{"X": 10, "P": 100}, {"X": to_p, "P": 10}, {"X": 10, "Q": 10}],
        segments=(calm,),
        districts=("west", "east"),
        wishes=wishes(1000.0),
    )
    result = solve(asked, LIMITS)
    assert result.value == pytest.approx(a + b + c, rel=1e-12)
    assert shares(asked, result.plan) == pytest.approx([1.0, 1.0], rel=1e-12)
    assert check(asked, result.plan) == ()
