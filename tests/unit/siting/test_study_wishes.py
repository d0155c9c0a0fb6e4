"""Wishes that cannot be kept: which give way, how far, and what is told that would do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.siting import beginning, keeping, nearest
from optimiser.siting.check import check
from optimiser.siting.conflicts import NOTHING, floors_of_plan, possible_wishes
from optimiser.siting.cost import district_shares
from optimiser.siting.exact import solve_exactly
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import Installation
from optimiser.siting.problem import GridNode
from optimiser.siting.result import Conflict
from optimiser.siting.solve import solve
from tests.siting_studies import FAST, SLOW, point, random_study, site, study, wishes

LIMITS = SolveLimits(seconds=None, rounds=100)
SEARCHED = SolveLimits(seconds=None, rounds=5000)
"""Enough to look for floors that no plan at once keeps."""


def built(result):
    return {(item.phase, item.site_id, item.kind_id): item.plugs for item in result.plan.installations}


def conflict_of(asked):
    result = solve(asked, LIMITS)
    assert check(replace(asked, wishes=result.wishes), result.plan) == ()
    return {conflict.rule: conflict for conflict in result.conflicts}


def test_where_no_plan_is_found_at_all_wishes_give_way_and_nothing_is_built(monkeypatch):
    monkeypatch.setattr("optimiser.siting.keeping.construct", lambda *_: ((), ()))
    monkeypatch.setattr("optimiser.siting.solve.solve_exactly", lambda *_, **__: None)
    asked = study([point("a", 3)], [site("A")], [{"A": 10}], wishes=wishes(500.0, force=frozenset("A")))
    result = solve(asked, LIMITS)
    assert [conflict.rule for conflict in result.conflicts] == ["force"]
    assert check(replace(asked, wishes=result.wishes), result.plan) == ()


def test_a_forced_site_beyond_the_budget_is_told_with_the_money_it_needs():
    asked = study([point("a", 3)], [site("A")], [{"A": 10}], wishes=wishes(50.0, force=frozenset("A")))
    conflicts = conflict_of(asked)
    assert conflicts["force"].ids == ("A",)
    assert (conflicts["budget"].asked, conflicts["budget"].possible) == (50.0, 110)


def test_money_that_pays_for_no_charger_is_told_with_what_would():
    # The cheaper one is at a site that nobody reaches.
    asked = study([point("a", 3)], [site("A"), site("B", cost=10.0)], [{"A": 10}], wishes=wishes(60.0, 30.0))
    told = conflict_of(asked)["budget"]
    assert (told.ids, told.asked, told.possible, told.is_proven) == (("A",), 90.0, 110, True)
    assert solve(asked, LIMITS).upper_bound == 0.0
    assert solve(replace(asked, wishes=wishes(60.0, 50.0)), LIMITS).conflicts == ()


def test_a_floor_above_what_is_within_reach_is_lowered_to_it():
    # Half of the district has no site within reach.
    asked = study(
        [point("a", 4, district="west"), point("b", 4, district="west")],
        [site("A")],
        [{"A": 10}, {}],
        districts=("west",),
        wishes=wishes(500.0, floors={"west": 0.9}),
    )
    told = conflict_of(asked)["floor"]
    assert told.is_proven
    assert (told.ids, told.asked, told.possible) == (("west",), 0.9, pytest.approx(0.5, abs=1e-5))


def test_a_floor_beyond_the_budget_is_lowered_to_what_was_reached():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(120.0, floors={"west": 0.9}),
    )
    told = conflict_of(asked)
    assert told["floor"].possible == pytest.approx(0.6, abs=1e-5)
    # A site with a plug takes 110, and both are needed.
    assert (told["budget"].ids, told["budget"].asked, told["budget"].possible) == (("west",), 120.0, 220)
    assert told["budget"].text == "no plan within 120 was found that keeps the floors asked for; 220 would do"
    assert "budget" not in conflict_of(replace(asked, wishes=replace(asked.wishes, phases=wishes(220.0).phases)))


def test_a_floor_that_takes_more_sites_than_are_allowed_is_told_with_how_many_would_do():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A"), site("B", lon=0.001)],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(None, max_new_sites=1, floors={"west": 0.9}),
    )
    told = conflict_of(asked)["max_new_sites"]
    assert (told.asked, told.possible) == (1, 2)
    assert told.text == "no plan of 1 new site was found that keeps the floors asked for; 2 sites would do"
    poor = replace(asked, wishes=wishes(100.0, max_new_sites=1, floors={"west": 0.9}))
    assert conflict_of(poor)["max_new_sites"].text.endswith("2 sites and 220 would do")
    # 111 m apart, so only one of the two may be built whatever is paid: nothing would do.
    near = replace(asked, wishes=wishes(None, spacing_m=200.0, floors={"west": 0.9}))
    assert set(conflict_of(near)) == {"floor"}


def test_a_floor_that_one_dear_site_keeps_does_not_give_way_to_a_cheap_one():
    # The cheap site serves one for 20, the dear one for 25; but one site alone has to serve eight in ten.
    asked = study(
        [point("a", 6, district="west"), point("b", 4, district="west")],
        [site("cheap", cost=110.0), site("dear", cost=240.0)],
        [{"cheap": 10, "dear": 10}, {"dear": 10}],
        districts=("west",),
        wishes=wishes(None, max_new_sites=1, floors={"west": 0.8}),
    )
    for money in (None, 300.0):
        result = solve(replace(asked, wishes=replace(asked.wishes, phases=wishes(money).phases)), LIMITS)
        assert not result.conflicts
        assert built(result) == {(0, "dear", "slow"): 1}


def test_a_floor_that_no_plan_at_once_keeps_is_searched_for():
    # M serves four of the six at once, and no other site the two that are left; L and R serve all.
    asked = study(
        [point(id_, 1, district="west") for id_ in "abcdef"],
        [site("L"), site("M"), site("R")],
        [{"L": 10}, {"L": 10, "M": 10}, {"L": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10}],
        districts=("west",),
        wishes=wishes(None, max_new_sites=2, floor=1.0),
    )
    result = solve(asked, SEARCHED)
    assert not result.conflicts
    assert built(result) == {(0, "L", "slow"): 1, (0, "R", "slow"): 1}


def crossed_by_a_grid():
    """A site in the middle that plans at once build first, and that leaves one plug of the grid's two."""
    return study(
        [point(id_, 1, district="west") for id_ in "abcdef"],
        [site("L", grid_node="G"), site("M", grid_node="G"), site("R", grid_node="G")],
        # M serves four of the six at once; only L and R serve all.
        [{"L": 10}, {"L": 10, "M": 10}, {"L": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10}],
        grid=[GridNode(id="G", hosting_kw=2 * SLOW.grid_kw)],
        districts=("west",),
        wishes=wishes(None, max_new_sites=1, floor=1.0),
    )


def test_what_would_do_is_searched_for_where_no_plan_at_once_keeps_floors():
    asked = crossed_by_a_grid()
    told = conflict_of(asked)["max_new_sites"]
    assert (told.possible, told.text[-18:]) == (2, "; 2 sites would do")
    none = replace(asked, wishes=wishes(0.0, floor=1.0))
    # A site with a plug takes 110, and both are needed.
    assert (conflict_of(none)["budget"].asked, conflict_of(none)["budget"].possible) == (0.0, 220)
    neither = replace(asked, wishes=wishes(0.0, max_new_sites=0, floor=1.0))
    assert conflict_of(neither)["max_new_sites"].text.endswith("; 2 sites and 220 would do")
    assert {
        item.rule for item in solve(replace(asked, wishes=wishes(220.0, max_new_sites=2, floor=1.0)), LIMITS).conflicts
    } == set()


def patched(monkeypatch, for_floors):
    """Other plans where floors are searched for, and none by the integer programme."""
    for module in (beginning, keeping):
        monkeypatch.setattr(module, "for_floors", for_floors)
    for module in (beginning, nearest):
        monkeypatch.setattr(module, "aim_exactly", lambda *_, **__: None)


def test_more_to_begin_with_may_lead_to_a_plan_that_needs_no_more(monkeypatch):
    asked = replace(crossed_by_a_grid(), wishes=wishes(None, max_new_sites=2, floor=1.0))
    searches = iter([()])
    real = keeping.for_floors
    patched(monkeypatch, lambda *args: next(searches, None) or real(*args))
    result = solve(asked, SEARCHED)
    assert not result.conflicts
    assert built(result) == {(0, "L", "slow"): 1, (0, "R", "slow"): 1}


@pytest.mark.parametrize(
    ("share", "asked", "reached"),
    [(0.598, "60.0%", "59.8%"), (0.599996, "60.0%", "59.9%"), (0.0, "60.0%", "0.0%")],
)
def test_a_floor_and_what_was_reached_are_told_apart_and_what_is_told_can_be_asked_for(share, asked, reached):
    points = [point("a", share, district="west"), point("b", 1 - share, district="west")]
    near = study(points, [site("A")], [{"A": 10}, {}], districts=("west",), wishes=wishes(500.0, floor=0.6))
    text = conflict_of(near)["floor"].text
    assert text.startswith(f"{asked} of district west are to be served, {reached} have a site within reach")
    kept = replace(near, wishes=wishes(500.0, floor=float(reached[:-1]) / 100))
    assert not solve(kept, LIMITS).conflicts


def test_of_a_third_as_many_digits_are_told_as_it_takes():
    points = [point("a", 0.33331, district="west"), point("b", 0.66669, district="west")]
    near = study(points, [site("A")], [{"A": 10}, {}], districts=("west",), wishes=wishes(500.0, floor=1 / 3))
    assert conflict_of(near)["floor"].text.startswith("33.333% of district west are to be served, 33.331% have")


def test_a_share_within_the_limits_is_told_rounded_down_and_can_be_asked_for():
    asked = study(
        [point("a", 1, district="west"), point("b", 2, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(120.0, floors={"west": 0.9}),
    )
    told = conflict_of(asked)["floor"]
    # One site, so two in three.
    assert told.possible == 0.66666
    assert told.text.startswith("90.0% of district west are to be served, within the limits 66.6% were reached")
    assert not conflict_of(replace(asked, wishes=wishes(120.0, floors={"west": told.possible})))


def test_one_site_that_would_do_is_one():
    points, wished = [point("a", 4, district="west")], wishes(None, max_new_sites=0, floor=0.9)
    none = study(points, [site("A")], [{"A": 10}], districts=("west",), wishes=wished)
    assert conflict_of(none)["max_new_sites"].text.endswith("; 1 site would do")


def test_the_only_site_that_is_asked_for_is_told_what_stands_against_it():
    wished, dead = wishes(900.0, force=frozenset({"A"})), GridNode(id="G", hosting_kw=0.0)
    asked = study([point("a", 3)], [site("A", grid_node="G")], [{"A": 10}], grid=[dead], wishes=wished)
    why = "site A is asked for, but grid node G does not carry another plug; it is left out"
    assert conflict_of(asked)["force"].text == why
    none = replace(asked, wishes=replace(wished, max_new_sites=0), grid=(replace(dead, hosting_kw=99.0),))
    assert conflict_of(none)["force"].text == "site A is asked for, but 0 new sites are allowed; it is left out"


def test_a_forced_site_where_nothing_may_be_built_is_told_with_the_area():
    sites = [site("A", kinds=frozenset(), excluded="park"), site("B")]
    asked = study([point("a", 3)], sites, [{"A": 10, "B": 10}], wishes=wishes(900.0, force=frozenset({"A"})))
    told = conflict_of(asked)["force"]
    assert (told.ids, told.is_proven) == (("A",), True)
    assert told.text == (
        "site A is asked for, but it lies in the excluded area park, where nothing may be built unless that area "
        "leaves it out; it is left out"
    )


def test_a_grid_that_is_in_the_way_of_floors_is_told():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A", grid_node="G"), site("B", grid_node="G")],
        [{"A": 10}, {"B": 10}],
        grid=[GridNode(id="G", hosting_kw=SLOW.grid_kw), GridNode(id="far", hosting_kw=0.0)],
        districts=("west",),
        wishes=wishes(900.0, floor=0.9),
    )
    told = conflict_of(asked)
    assert (told["grid"].ids, told["grid"].asked, told["grid"].possible) == (("G",), SLOW.grid_kw, 2 * SLOW.grid_kw)
    assert told["grid"].text.endswith("they would be kept if nodes carried more: G (20 instead of 10 kW)")
    strong = replace(asked, grid=(replace(asked.grid[0], hosting_kw=20.0), asked.grid[1]))
    assert not solve(strong, LIMITS).conflicts


@pytest.mark.parametrize(
    ("power_kw", "hosting_kw", "told"),
    [
        (6.6, 12.0, "13.2 instead of 12"),
        (6.61234, 12.0, "13.3 instead of 12"),
        (6.6, 13.18, "13.2 instead of 13.18"),
        (6.60001, 13.2, "13.3 instead of 13.2"),
        (1500.0, 2999.0, "3,000 instead of 2,999"),
    ],
)
def test_a_grid_node_that_carries_what_it_is_told_to_keeps_the_floor(power_kw, hosting_kw, told):
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A", grid_node="G"), site("B", grid_node="G")],
        [{"A": 10}, {"B": 10}],
        kinds=[replace(SLOW, power_kw=power_kw), FAST],
        grid=[GridNode(id="G", hosting_kw=hosting_kw)],
        districts=("west",),
        wishes=wishes(900.0, floor=0.9),
    )
    assert f"G ({told} kW)" in conflict_of(asked)["grid"].text
    done = float(told.partition(" ")[0].replace(",", ""))
    assert not solve(replace(asked, grid=(GridNode(id="G", hosting_kw=done),)), LIMITS).conflicts


def test_floors_that_share_too_few_plugs_give_way_evenly():
    # One plug takes 0.116 sessions an hour, 1.16 of the 20 drivers with 0.1 each: whoever they are, so half and half.
    asked = study(
        [point(id_, 10, segment="drivers", district=id_) for id_ in ("west", "east")],
        [site("A", plugs={"slow": 1}, max_plugs=1)],
        [{"A": 10}, {"A": 10}],
        districts=("west", "east"),
        wishes=wishes(0.0, floor=0.5),
    )
    each = SLOW.sessions_per_hour(1) / 0.1 / 2 / 10
    told = [item for item in solve(asked, LIMITS).conflicts if item.rule == "floor"]
    assert [(item.ids, item.possible) for item in told] == [
        (("west",), pytest.approx(each, abs=1e-5)),
        (("east",), pytest.approx(each, abs=1e-5)),
    ]
    assert all(item.text.endswith("; no money or number of sites was found that would do") for item in told)


def in_three_districts(floor):
    """With money for two sites of one district, which serve all of it, or one that serves a fifth of each."""
    points = [
        point(f"{id_}{part}", weight, district=id_) for id_ in "abc" for part, weight in (("near", 2), ("far", 8))
    ]
    return study(
        points,
        [*(site(id_) for id_ in "abc"), site("M", cost=210.0)],
        [{id_: 10, "M": 10} if part == 0 else {id_: 10} for id_ in "abc" for part in range(2)],
        districts="abc",
        wishes=wishes(220.0, floor=floor),
    )


def test_floors_give_way_evenly_rather_than_one_of_them_wholly():
    result = solve(in_three_districts(0.5), LIMITS)
    assert built(result) == {(0, "M", "slow"): 1}
    told = {item.ids[0]: item for item in result.conflicts if item.rule == "floor"}
    assert {id_: item.possible for id_, item in told.items()} == {id_: pytest.approx(0.2, abs=1e-5) for id_ in "abc"}
    # What is told as possible can be asked for.
    again = solve(in_three_districts(min(item.possible for item in told.values())), LIMITS)
    assert not again.conflicts


def test_lower_floors_may_lead_to_a_plan_that_keeps_those_asked_for(monkeypatch):
    asked = replace(crossed_by_a_grid(), wishes=wishes(None, max_new_sites=2, floor=1.0))
    best = ((Installation(phase=0, site_id="L", kind_id="slow", plugs=1),), ())
    both = ((*best[0], Installation(phase=0, site_id="R", kind_id="slow", plugs=1)), ())
    patched(monkeypatch, lambda problem, *_: iter([both if problem.floor_of("west") < 1.0 else best]))
    result = solve(asked, LIMITS)
    assert not result.conflicts
    assert built(result) == {(0, "L", "slow"): 1, (0, "R", "slow"): 1}


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6, 7, 11, 13, 14, 16, 17, 18, 19])
def test_no_greater_share_of_all_floors_can_be_kept_than_is_told(seed):
    asked = random_study(seed, floor=0.9)
    told = [item for item in solve(asked, SEARCHED).conflicts if item.rule == "floor" and not item.is_proven]
    assert told
    floors = {item.id: asked.floor_of(item.id) for item in asked.districts}
    floors |= {
        item.ids[0]: item.possible for item in solve(asked, LIMITS).conflicts if item.rule == "floor" and item.is_proven
    }
    kept = min(item.possible / floors[item.ids[0]] for item in told)
    more = {id_: min(1.0, kept + 0.001) * floor for id_, floor in floors.items()}
    exact = solve_exactly(
        replace(asked, wishes=replace(asked.wishes, floors=more)), groups_of(asked), seconds=60.0, is_any_enough=True
    )
    assert exact is None


def is_kept(asked, *, money, sites):
    """Whether some plan keeps all floors that are within reach, within other limits."""
    floors = {item.ids[0]: item.possible for item in possible_wishes(asked, groups_of(asked)).conflicts}
    other = replace(
        asked, wishes=replace(asked.wishes, phases=wishes(money).phases, max_new_sites=sites, floors=floors)
    )
    return solve_exactly(other, groups_of(other), seconds=60.0, is_any_enough=True) is not None


@pytest.mark.parametrize("seed", [3, 6, 11, 14, 19, 20, 22, 25, 29, 37, 39])
def test_the_money_that_would_do_does_and_is_the_least(seed):
    asked = random_study(seed, floor=0.9)
    told = conflict_of(asked)["budget"].possible
    assert is_kept(asked, money=told, sites=asked.wishes.max_new_sites)
    assert not is_kept(asked, money=told - 1, sites=asked.wishes.max_new_sites)


def test_the_new_sites_that_would_do_do_and_are_the_fewest():
    asked = random_study(28, floor=0.9)
    assert conflict_of(asked)["max_new_sites"].text.endswith("; 3 sites would do")
    assert is_kept(asked, money=120.0, sites=3)
    assert not is_kept(asked, money=120.0, sites=2)


def test_where_more_of_both_is_needed_it_is_the_fewest_new_sites_and_then_the_least_money():
    asked = random_study(34, floor=0.9)
    assert conflict_of(asked)["max_new_sites"].text.endswith("; 3 sites and 310 would do")
    assert is_kept(asked, money=310.0, sites=3)
    assert not is_kept(asked, money=309.0, sites=3)
    assert not is_kept(asked, money=None, sites=2)


def test_no_other_aim_is_tried_once_the_time_for_it_is_up(monkeypatch):
    asked = random_study(3, floor=0.9)
    groups = groups_of(asked)
    late = keeping.Looking(seed=1, over=lambda: lambda: 1.0, seconds=60.0, gone=lambda: 1.0)
    monkeypatch.setattr(nearest, "aim_exactly", lambda *_, **__: pytest.fail("an integer programme was begun"))
    told, plan = nearest.nearest(asked, groups, late, late)
    assert (told, plan) == (nearest.enough_for_floors(asked, groups), None)


def test_a_stronger_grid_is_told_with_what_else_it_takes():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A", grid_node="G"), site("B", grid_node="G")],
        [{"A": 10}, {"B": 10}],
        grid=[GridNode(id="G", hosting_kw=SLOW.grid_kw)],
        districts=("west",),
        wishes=wishes(110.0, max_new_sites=1, floor=0.9),
    )
    text = conflict_of(asked)["grid"].text
    assert text.endswith("G (20 instead of 10 kW), with 2 new sites instead of 1 and a budget of 220 instead of 110")
    strong = replace(asked, grid=(replace(asked.grid[0], hosting_kw=20.0),))
    assert solve(strong, LIMITS).conflicts
    assert not solve(replace(strong, wishes=wishes(220.0, max_new_sites=2, floor=0.9)), LIMITS).conflicts


def test_a_floor_that_only_the_programme_of_a_small_study_keeps_is_kept(monkeypatch):
    asked = crossed_by_a_grid()
    asked = replace(asked, wishes=replace(asked.wishes, max_new_sites=2))
    monkeypatch.setattr(keeping, "_search_floors", lambda problem, groups, start, **_: start)
    assert not solve(asked, LIMITS).conflicts


def test_a_floor_that_the_plan_keeps_in_the_end_has_not_given_way():
    # A fast plug has to take the place of the slow one that serves more people without waiting: no search does that.
    asked = random_study(28, phases=2, floor=0.6)
    asked = replace(asked, wishes=replace(asked.wishes, max_new_sites=None, phases=wishes(1e9, 1e9).phases))
    result = solve(asked, LIMITS)
    assert min(min(district_shares(asked, serving).values()) for serving in result.plan.servings) >= 0.6
    assert not result.conflicts
    assert result.wishes == asked.wishes


def test_a_floor_that_gave_way_is_told_as_far_as_the_plan_keeps_it():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(120.0, floors={"west": 0.3}),
    )
    known = {"asked": 0.9, "possible": 0.3, "is_proven": False}
    told = "90.0% of district west are to be served, within the limits {} were reached" + NOTHING
    floor = Conflict(rule="floor", ids=("west",), text=told.format("30.0%"), **known)
    money = Conflict(rule="budget", ids=("west",), text="220 would do", **known)
    # B alone serves 0.6, both all.
    kept = floors_of_plan(asked, (floor, money), solve(asked, LIMITS).plan)
    assert (kept.conflicts[0].possible, kept.conflicts[1]) == (pytest.approx(0.6), money)
    assert kept.conflicts[0].text == told.format("60.0%")
    assert kept.problem.floor_of("west") == pytest.approx(0.6, abs=1e-5)
    rich = replace(asked, wishes=wishes(220.0, floors={"west": 0.3}))
    kept = floors_of_plan(rich, (floor, money), solve(rich, LIMITS).plan)
    assert (kept.conflicts, kept.problem.floor_of("west")) == ((), 0.9)


@pytest.mark.parametrize("seed", range(30))
def test_money_that_would_do_does(seed):
    asked = random_study(seed, phases=2, floor=0.6)
    asked = replace(asked, wishes=replace(asked.wishes, max_new_sites=None, phases=wishes(20.0, 20.0).phases))
    told = conflict_of(asked).get("budget")
    if told is None or told.ids[0] not in {item.id for item in asked.districts}:
        # Floors are kept, or one of them contradicts something else than money: then any money leaves it broken.
        rich = replace(asked, wishes=replace(asked.wishes, phases=wishes(1e9, 1e9).phases))
        poor = {item.ids for item in solve(asked, SEARCHED).conflicts if item.rule == "floor"}
        assert not poor or {item.ids for item in solve(rich, SEARCHED).conflicts if item.rule == "floor"}
        return
    enough = replace(asked, wishes=replace(asked.wishes, phases=wishes(told.possible).phases))
    result = solve(enough, SEARCHED)
    proven = {item.ids for item in result.conflicts if item.is_proven}
    assert {item.ids for item in result.conflicts if item.rule == "floor"} <= proven
    assert "budget" not in {item.rule for item in result.conflicts}
