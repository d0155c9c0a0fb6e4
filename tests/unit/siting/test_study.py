"""What a siting study decides, costs and brings, by hand; and what it does where wishes cannot be kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.limits import SolveLimits
from optimiser.siting.check import check
from optimiser.siting.conflicts import NOTHING, floors_of_plan
from optimiser.siting.cost import cost, district_shares, phase_values, total_cost, value
from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import GridNode, Measure, Phase, Scenario, Segment
from optimiser.siting.result import Conflict
from optimiser.siting.solve import solve
from tests.siting_studies import DRIVERS, PEOPLE, SLOW, point, random_study, site, study, wishes

LIMITS = SolveLimits(seconds=None, rounds=100)
SEARCHED = SolveLimits(seconds=None, rounds=5000)
"""Enough to look for floors that no plan at once keeps."""


def built(result):
    return {(item.phase, item.site_id, item.kind_id): item.plugs for item in result.plan.installations}


def test_the_money_goes_where_most_people_are():
    # Either site costs 110 with its plug; 120 pays for one of them.
    asked = study([point("a", 3), point("b", 5)], [site("A"), site("B")], [{"A": 10}, {"B": 10}], wishes=wishes(120.0))
    result = solve(asked, LIMITS)
    assert built(result) == {(0, "B", "slow"): 1}
    assert (result.value, total_cost(asked, result.plan)) == (5.0, 110.0)


def test_nothing_is_built_without_money():
    asked = study([point("a", 3)], [site("A")], [{"A": 10}], wishes=wishes(0.0))
    result = solve(asked, LIMITS)
    assert built(result) == {}
    assert result.value == 0.0


def test_where_nobody_reaches_any_site_nothing_is_built_and_a_floor_is_lowered_to_nothing():
    asked = study([point("a", 3, district="D")], [site("A")], [{}], wishes=wishes(1000.0, floor=0.5), districts=["D"])
    result = solve(asked, LIMITS)
    assert (built(result), result.value, result.upper_bound) == ({}, 0.0, 0.0)
    assert [(item.rule, item.possible) for item in result.conflicts] == [("floor", 0.0)]


def test_a_far_charger_is_worth_less():
    # Full value up to 40 s, 0.2 of it at 100 s: at 70 s half of the way down, 0.6.
    segment = replace(PEOPLE, full_s=40, least=0.2)
    assert [segment.worth(travel_s) for travel_s in (40, 70, 100, 101)] == pytest.approx([1.0, 0.6, 0.2, 0.0])


def test_plugs_run_short():
    # 10 drivers x 0.1 sessions an hour want 1 an hour; one plug takes 0.116, four take 1.866.
    asked = study(
        [point("a", 10, segment="drivers")],
        [site("A", kinds=frozenset({"slow"}))],
        [{"A": 10}],
        kinds=(SLOW,),
        wishes=wishes(1000.0),
        segments=(replace(DRIVERS, kinds=frozenset({"slow"})),),
    )
    assert built(solve(asked, LIMITS))[0, "A", "slow"] >= 3
    short = solve(replace(asked, wishes=wishes(110.0)), LIMITS)
    assert short.value == pytest.approx(10 * SLOW.sessions_per_hour(1), rel=1e-6)


def test_energy_is_counted_in_kwh_a_year():
    # 2 people x 1 session a day x 10 kWh x 365 days
    asked = study(
        [point("a", 2, segment="drivers")],
        [site("A")],
        [{"A": 10}],
        wishes=wishes(1000.0, measure=Measure.ENERGY),
    )
    assert solve(asked, LIMITS).value == pytest.approx(7300.0)


def test_what_is_left_goes_on_to_the_next_phase():
    # 60 a year: the first pays for nothing, the second for 110.
    asked = study([point("a", 3)], [site("A")], [{"A": 10}], wishes=wishes(60.0, 60.0))
    result = solve(asked, LIMITS)
    assert built(result) == {(1, "A", "slow"): 1}
    assert [phase.total for phase in cost(asked, result.plan)] == [0.0, 110.0]


def test_a_full_transformer_is_upgraded_where_that_pays():
    node = GridNode(id="G", hosting_kw=5.0, upgrade_kw=10.0, upgrade_cost=50.0)
    asked = study([point("a", 3)], [site("A", grid_node="G")], [{"A": 10}], grid=[node], wishes=wishes(160.0))
    result = solve(asked, LIMITS)
    assert [item.node_id for item in result.plan.upgrades] == ["G"]
    assert total_cost(asked, result.plan) == 160.0
    assert built(solve(replace(asked, wishes=wishes(159.0)), LIMITS)) == {}


def test_plugs_that_stand_already_serve_for_nothing():
    asked = study([point("a", 3)], [site("A", plugs={"slow": 1})], [{"A": 10}], wishes=wishes(0.0))
    assert solve(asked, LIMITS).value == 3.0


def test_new_sites_keep_their_distance():
    # 0.001 degrees are 111 m.
    near = [site("A"), site("B", lon=0.001)]
    asked = study([point("a", 3), point("b", 5)], near, [{"A": 10}, {"B": 10}], wishes=wishes(None, spacing_m=112.0))
    assert built(solve(asked, LIMITS)) == {(0, "B", "slow"): 1}
    assert len(built(solve(replace(asked, wishes=wishes(None, spacing_m=111.0)), LIMITS))) == 2


def test_a_floor_sends_money_to_a_small_district():
    asked = study(
        [point("a", 1, district="west"), point("b", 9, district="east")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west", "east"),
        wishes=wishes(120.0, floors={"west": 0.5}),
    )
    result = solve(asked, LIMITS)
    assert built(result) == {(0, "A", "slow"): 1}
    assert district_shares(asked, result.plan.servings[0]) == {"west": 1.0, "east": 0.0}


def test_a_scenario_that_is_likely_decides():
    likely = Scenario(name="more in the west", probability=0.8, by_district={"west": 10.0})
    asked = study(
        [point("a", 1, district="west"), point("b", 3, district="east")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west", "east"),
        wishes=wishes(120.0, scenarios=(likely, Scenario(name="as now", probability=0.2))),
    )
    result = solve(asked, LIMITS)
    # 0.8 x 10 + 0.2 x 1 = 8.2 in the west, 3 in the east.
    assert built(result) == {(0, "A", "slow"): 1}
    assert result.value == pytest.approx(8.2)


def test_forced_sites_are_built_and_banned_ones_are_not():
    two = [site("A"), site("B")]
    asked = study([point("a", 3), point("b", 5)], two, [{"A": 10}, {"B": 10}], wishes=wishes(120.0))
    assert built(solve(replace(asked, wishes=wishes(120.0, force=frozenset("A"))), LIMITS)) == {(0, "A", "slow"): 1}
    assert built(solve(replace(asked, wishes=wishes(120.0, ban=frozenset("B"))), LIMITS)) == {(0, "A", "slow"): 1}


@pytest.mark.parametrize("is_exact", [True, False])
def test_money_is_kept_for_a_forced_site_that_only_both_phases_pay_for(is_exact, monkeypatch):
    # C and its plug cost 160: more than the first phase has. What is left then, 80, pays for no other site.
    if not is_exact:
        monkeypatch.setattr("optimiser.siting.solve.solve_exactly", lambda *_, **__: None)
    asked = study(
        [point("a", 3), point("b", 5), point("c", 1)],
        [site("A"), site("B"), site("C", cost=150.0)],
        [{"A": 10}, {"B": 10}, {"C": 10}],
        wishes=wishes(120.0, 120.0, force=frozenset("C")),
    )
    result = solve(asked, LIMITS)
    assert built(result) == {(1, "C", "slow"): 1}
    assert result.conflicts == ()


def test_where_no_plan_is_found_at_all_wishes_give_way_and_nothing_is_built(monkeypatch):
    monkeypatch.setattr("optimiser.siting.beginning.construct", lambda *_: ((), ()))
    monkeypatch.setattr("optimiser.siting.solve.solve_exactly", lambda *_, **__: None)
    asked = study([point("a", 3)], [site("A")], [{"A": 10}], wishes=wishes(500.0, force=frozenset("A")))
    result = solve(asked, LIMITS)
    assert [conflict.rule for conflict in result.conflicts] == ["force"]
    assert check(replace(asked, wishes=result.wishes), result.plan) == ()


def conflict_of(asked):
    result = solve(asked, LIMITS)
    assert check(replace(asked, wishes=result.wishes), result.plan) == ()
    return {conflict.rule: conflict for conflict in result.conflicts}


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
    assert told.text == "no plan of 1 new sites was found that keeps the floors asked for; 2 sites would do"
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


def test_what_would_do_is_searched_for_where_no_plan_at_once_keeps_floors():
    # M serves four of the six at once and takes one of the two plugs of the grid, so that L and R do not fit any more.
    asked = study(
        [point(id_, 1, district="west") for id_ in "abcdef"],
        [site("L", grid_node="G"), site("M", grid_node="G"), site("R", grid_node="G")],
        [{"L": 10}, {"L": 10, "M": 10}, {"L": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10}],
        grid=[GridNode(id="G", hosting_kw=2 * SLOW.grid_kw)],
        districts=("west",),
        wishes=wishes(None, max_new_sites=1, floor=1.0),
    )
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


def test_the_only_site_that_is_asked_for_is_told_what_stands_against_it():
    wished, dead = wishes(900.0, force=frozenset({"A"})), GridNode(id="G", hosting_kw=0.0)
    asked = study([point("a", 3)], [site("A", grid_node="G")], [{"A": 10}], grid=[dead], wishes=wished)
    why = "site A is asked for, but grid node G does not carry another plug; it is left out"
    assert conflict_of(asked)["force"].text == why
    none = replace(asked, wishes=replace(wished, max_new_sites=0), grid=(replace(dead, hosting_kw=99.0),))
    assert conflict_of(none)["force"].text == "site A is asked for, but 0 new sites are allowed; it is left out"


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
        (("west",), pytest.approx(each, rel=1e-4)),
        (("east",), pytest.approx(each, rel=1e-4)),
    ]
    assert all(item.text.endswith("; no money or number of sites was found that would do") for item in told)


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


@pytest.mark.parametrize("is_exact", [True, False])
@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("phases", [1, 3])
def test_every_plan_keeps_to_every_rule_and_to_its_bound(seed, phases, is_exact, monkeypatch):
    if not is_exact:
        monkeypatch.setattr("optimiser.siting.solve.solve_exactly", lambda *_, **__: None)
    asked = random_study(seed, phases=phases, floor=(seed % 3) * 0.2)
    asked = replace(asked, wishes=replace(asked.wishes, force=frozenset({"S1", "S2"} if seed % 2 else ())))
    result = solve(asked, LIMITS)
    kept = replace(asked, wishes=result.wishes)
    assert result.refused == ()
    assert check(kept, result.plan) == ()
    assert result.value == pytest.approx(value(kept, result.plan))
    assert result.value <= result.upper_bound * (1 + 1e-9)
    nothing = SitingPlan(servings=solve(replace(asked, wishes=wishes(*[0.0] * phases)), LIMITS).plan.servings)
    assert result.value >= value(kept, nothing) - 1e-9


@pytest.mark.parametrize("phases", [1, 2])
def test_with_several_scenarios_the_search_keeps_below_its_bound_and_the_bound_above_the_best(phases, monkeypatch):
    asked = random_study(5, points=10, sites=5, phases=phases)
    scenarios = (
        Scenario(name="as given", probability=0.7),
        Scenario(name="fewer", probability=0.3, by_segment={"people": 0.2, "drivers": 0.5}),
    )
    asked = replace(asked, wishes=replace(asked.wishes, scenarios=scenarios))
    best = solve(asked, LIMITS)
    assert best.gap == 0
    monkeypatch.setattr("optimiser.siting.solve.solve_exactly", lambda *_, **__: None)
    found = solve(asked, SolveLimits(seconds=2.0, seed=1))
    assert found.value <= best.value * (1 + 1e-9)
    assert found.upper_bound >= best.value * (1 - 1e-9)
    assert sum(phase_values(asked, found.plan)) == pytest.approx(found.value)


def test_everything_that_contradicts_itself_is_told_at_once():
    with pytest.raises(InvalidProblem) as error:
        study(
            [point("a", 3, segment="martians"), point("a", 4, district="nowhere")],
            [site("A", grid_node="none"), site("A", kinds=frozenset({"huge"}))],
            [{}, {}],
            wishes=wishes(1.0, force=frozenset({"Z"}), floors={"moon": 0.5}),
        )
    told = str(error.value)
    for part in ("martians", "nowhere", "none", "huge", "Z", "moon", "demand point a", "site A"):
        assert part in told


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda: Segment(id="x", name="x", kinds=frozenset(), reach_s=-1), "reach_s"),
        (lambda: Phase(name="x", budget=float("nan")), "budget"),
        (lambda: replace(SLOW, wait_share=1.5), "wait_share"),
        (lambda: wishes(1.0, force=frozenset("A"), ban=frozenset("A")), "both forced and banned"),
        (lambda: wishes(1.0, scenarios=(Scenario(name="x", probability=0.5),)), "add up to 0.5"),
        (wishes, "at least one phase"),
    ],
)
def test_amounts_that_cannot_be_are_refused(make, part):
    with pytest.raises(InvalidProblem, match=part):
        make()
