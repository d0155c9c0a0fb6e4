"""What a siting study decides, costs and brings, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.basics.errors import InvalidProblem
from optimiser.basics.limits import SolveLimits
from optimiser.siting.check import check
from optimiser.siting.cost import cost, district_shares, phase_values, total_cost, value
from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import GridNode, Measure, Phase, Scenario, Segment
from optimiser.siting.solve import solve
from optimiser.siting.status import Status
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


def test_that_nothing_can_be_served_is_proven_by_a_programme_that_says_so_but_for_its_tolerance(monkeypatch):
    # Money pays for A, which is asked for and which nobody reaches; what a programme proves is off by 5e-6 of 5000.
    monkeypatch.setattr("optimiser.siting.bound.phases.Bound._run", lambda *_: None)
    sites = [site("A"), site("B")]
    asked = study([point("b", 5000)], sites, [{"B": 10}], wishes=wishes(110.0, force=frozenset("A")))
    result = solve(asked, LIMITS)
    assert (result.value, result.upper_bound, result.gap, result.status) == (0.0, 0.0, 0.0, Status.PROVEN)


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
        monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
    asked = study(
        [point("a", 3), point("b", 5), point("c", 1)],
        [site("A"), site("B"), site("C", cost=150.0)],
        [{"A": 10}, {"B": 10}, {"C": 10}],
        wishes=wishes(120.0, 120.0, force=frozenset("C")),
    )
    result = solve(asked, LIMITS)
    assert built(result) == {(1, "C", "slow"): 1}
    assert result.conflicts == ()


@pytest.mark.parametrize("is_exact", [True, False])
@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("phases", [1, 3])
def test_every_plan_keeps_to_every_rule_and_to_its_bound(seed, phases, is_exact, monkeypatch):
    if not is_exact:
        monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
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
    monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
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


def test_no_progress_tells_of_more_than_its_bound(monkeypatch):
    # As by tolerances of a linear programme: the bound ends a hair below the 5 that are reached.
    monkeypatch.setattr("optimiser.siting.solve.Bound.value", property(lambda bound: bound._lowest - 1e-6))
    monkeypatch.setattr("optimiser.siting.solve.TELL_S", 0.0)
    asked = study([point("a", 3), point("b", 5)], [site("A"), site("B")], [{"A": 10}, {"B": 10}], wishes=wishes(120.0))
    told = []
    solve(asked, LIMITS, on_progress=told.append)
    assert (told[-1].objective, told[-1].best_bound) == (5.0, 5.0)
