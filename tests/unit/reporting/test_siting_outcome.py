"""What a study tells of sites, districts, phases, grid and unserved demand, by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optimiser.reporting import siting_marginal
from optimiser.reporting.siting_districts import gini
from optimiser.reporting.siting_document import study_document
from optimiser.reporting.siting_html import study_html
from optimiser.reporting.siting_limits import limits_at_candidates
from optimiser.reporting.siting_marginal import Lost, lost_without
from optimiser.reporting.siting_outcome import outcome
from optimiser.reporting.siting_page import district_rows, plugs_in_words
from optimiser.reporting.siting_rows import grid_table
from optimiser.reporting.siting_study import EmissionFactors
from optimiser.reporting.siting_unserved import REASONS
from optimiser.siting.check import check
from optimiser.siting.groups import groups_of
from optimiser.siting.plan import Installation, SitingPlan
from optimiser.siting.plugs import standing
from optimiser.siting.problem import District
from optimiser.siting.waiting import erlang_c, mean_wait_minutes
from tests.siting_studies import SLOW, point, site, study, wishes
from tests.unit.reporting.siting_reports import small_study

TWO_PLUGS = SLOW.sessions_per_hour(2)
DRIVERS_SERVED = TWO_PLUGS / 0.1
"""Of ten drivers with 0.1 sessions an hour each: two plugs take less than one session an hour."""


@pytest.fixture(scope="module")
def told():
    return outcome(small_study())


def by_id(items):
    return {getattr(item, "id", None) or item.site.id: item for item in items}


def test_sites_tell_what_comes_when_for_how_much_and_for_whom(told):
    sites = by_id(told.sites)
    assert {id_: item.state for id_, item in sites.items()} == {
        "A": "existing",
        "B": "new",
        "C": "new",
        "D": "candidate",
    }
    assert [(sites[id_].phase, sites[id_].cost) for id_ in "BC"] == [("phase 1", 110.0), ("phase 2", 120.0)]
    # B serves b alone or a as well: plain coverage holds either for the same, so all of west is served together.
    assert sites["A"].people + sites["B"].people == pytest.approx(10.0)
    assert sites["C"].people == pytest.approx(3 + DRIVERS_SERVED)
    assert sites["D"].people == 0


def test_a_site_is_worth_what_is_lost_without_it(told):
    sites = by_id(told.sites)
    # Without B, A still serves a's six: only b's four are lost. Without C all that it serves is.
    assert sites["B"].marginal_value == pytest.approx(4.0)
    assert sites["C"].marginal_value == pytest.approx(3 + DRIVERS_SERVED)
    assert (sites["B"].marginal_people, sites["C"].marginal_people) == (
        pytest.approx(4.0),
        pytest.approx(3 + DRIVERS_SERVED),
    )
    assert (sites["A"].marginal_value, sites["A"].marginal_people) == (None, None)
    assert sites["B"].sole_people == 4.0
    assert sites["C"].sole_people == 13.0
    assert sites["B"].why == (
        f"Serves {sites['B'].people:.0f} people: without it 4.0 fewer people would be served, all others used anew; "
        "4 people have no other charger within reach; "
        "the nearest charger until now is 59 m away. A car park."
    )


def test_a_floor_speaks_for_a_site_where_it_is_near(told):
    share = by_id(told.districts)["west"].least_served_share
    near = "of its district are to be served"
    for floor, is_told in ((share, True), (share - 0.019, True), (share - 0.021, False)):
        made = small_study()
        wishes_ = replace(made.problem.wishes, floors={"west": floor})
        made = replace(made, problem=replace(made.problem, wishes=wishes_))
        assert (near in by_id(outcome(made).sites)["B"].why) == is_told


def test_beside_a_site_is_told_what_is_kept_of_a_floor_that_gave_way(told):
    # Of the east 54.4 % are served, of which 90 % are asked for.
    made = small_study()
    wishes_ = replace(made.problem.wishes, floors={"east": 0.9})
    sites = tuple(replace(site, district="east") for site in made.problem.sites)
    made = replace(made, problem=replace(made.problem, wishes=wishes_, sites=sites))
    why = by_id(outcome(made).sites)["C"].why.replace("\u202f", " ").replace("\u00a0", " ")
    assert "of its district 90 % are asked for and 54 % are served" in why
    assert "are to be served" not in why


def test_plugs_that_stood_before_stay_when_what_was_added_is_taken_away():
    asked = study([point("a", 3)], [site("A", plugs={"slow": 1})], [{"A": 10}], wishes=wishes(50.0))
    plan = SitingPlan(installations=(Installation(phase=0, site_id="A", kind_id="slow", plugs=1),))
    assert lost_without(asked, groups_of(asked), standing(asked, plan)[0], ["A"]) == {"A": Lost(0.0, 0.0)}


def test_beyond_the_cap_a_site_is_told_without_what_is_lost(monkeypatch):
    made = small_study()
    # Two solves: one with all, one without B; a, b, c and d have five arcs to sites that stand.
    monkeypatch.setattr(siting_marginal, "MOST_ARCS_SERVED_ANEW", 2 * 5)
    lost = lost_without(made.problem, made.groups, made.stands[-1], ["B", "C"])
    assert {id_: (item.value, item.people) for id_, item in lost.items()} == {"B": pytest.approx((4.0, 4.0))}


def test_people_lost_without_a_site_are_people_and_value_is_value():
    # Who goes further than 20 s counts for less, a half at 100 s: b's four, at 40 s from B, for 7/8 each.
    made = small_study()
    fades = tuple(replace(item, full_s=20, least=0.5) for item in made.problem.segments)
    told = outcome(replace(made, problem=replace(made.problem, segments=fades)))
    b = by_id(told.sites)["B"]
    assert (b.marginal_people, b.marginal_value) == (pytest.approx(4.0), pytest.approx(3.5))
    assert "without it 4.0 fewer people would be served and value would be 3.5 lower, all others used anew" in b.why
    assert " people would be lost" not in b.why
    page = study_html(made, told)
    assert "Not served without it</th>" in page
    assert "Value lost without it</th>" in page
    assert "only its new plugs" not in page


def test_where_as_many_are_served_without_a_site_it_says_so(monkeypatch):
    nearer = {"B": Lost(value=2.0, people=0.0)}
    monkeypatch.setattr("optimiser.reporting.siting_sites.lost_without", lambda *_: nearer)
    b = by_id(outcome(small_study()).sites)["B"]
    assert "without it as many people would be served and value would be 2.0 lower, all others used anew" in b.why


def test_of_an_extended_site_only_the_new_plugs_are_taken_away_and_it_says_so():
    made = small_study()
    more = Installation(phase=1, site_id="A", kind_id="slow", plugs=1)
    plan = replace(made.result.plan, installations=(*made.result.plan.installations, more))
    made = replace(made, result=replace(made.result, plan=plan))
    told = outcome(made)
    a = by_id(told.sites)["A"]
    assert (a.state, a.marginal_people) == ("extended", 0.0)
    assert "of an extended one only its new plugs" in study_html(made, told)


def test_the_nearest_charger_that_was_there_is_told_in_metres(told):
    # A thousandth of a degree is 111.195 m along a meridian, times cos 57.7 degrees along a parallel.
    step = 111.195 * np.cos(np.radians(57.7))
    assert [item.nearest_existing_m for item in told.sites[1:]] == pytest.approx([step, 3 * step, 4 * step], rel=1e-4)
    assert told.sites[0].nearest_existing_m is None


def test_waiting_is_that_of_the_busiest_hour(told):
    (wait,) = by_id(told.sites)["C"].waits
    assert wait.sessions_per_hour == pytest.approx(TWO_PLUGS, rel=1e-6)
    assert wait.waiting_probability == pytest.approx(erlang_c(2, TWO_PLUGS), rel=1e-5)
    assert wait.long_wait_share == pytest.approx(SLOW.wait_share, rel=1e-5)
    minutes = mean_wait_minutes(2, per_hour=TWO_PLUGS, session_minutes=60.0)
    assert wait.mean_wait_minutes == pytest.approx(minutes, rel=1e-5)


def test_waits_of_a_site_come_in_the_order_of_its_plugs():
    made = small_study()
    more = Installation(phase=1, site_id="C", kind_id="fast", plugs=1)
    plan = replace(made.result.plan, installations=(*made.result.plan.installations, more))
    c = by_id(outcome(made := replace(made, result=replace(made.result, plan=plan))).sites)["C"]
    assert plugs_in_words(made, c) == "2 × Slow, 1 × Fast"
    assert [wait.kind_id for wait in c.waits] == ["slow", "fast"] == list(c.new_plugs_by_phase["phase 2"])


def test_districts_tell_share_way_waiting_and_floor(told):
    west, east = told.districts
    assert (west.people, west.covered_share, west.served_share) == (10.0, 1.0, pytest.approx(1.0))
    # Six of the ten had A before.
    assert west.served_before_share == pytest.approx(0.6)
    # 3 + 10 + 2 + 1 people, 13 of them with a charger within reach.
    assert east.covered_share == pytest.approx(13 / 16)
    assert east.served_share == pytest.approx((3 + DRIVERS_SERVED) / 16)
    way = (3 * 10 + DRIVERS_SERVED * 50) / (3 + DRIVERS_SERVED)
    assert east.mean_access_s == pytest.approx(way)
    assert east.long_wait_share == pytest.approx(0.1, rel=1e-5)
    assert west.long_wait_share is None
    assert [(item.floor, item.floor_kept) for item in told.districts] == [(0.9, True), (0.3, True)]


def test_a_district_in_which_nobody_lives_has_no_shares_and_is_not_the_worst(told):
    made = small_study()
    wishes_ = replace(made.problem.wishes, floors={"sea": 0.5})
    districts = (District(id="sea", name="Sea"), *made.problem.districts)
    made = replace(made, problem=replace(made.problem, districts=districts, wishes=wishes_))
    found = outcome(made)
    sea, *others = found.districts
    assert (sea.people, sea.covered_share, sea.served_before_share, sea.served_share) == (0.0, None, None, None)
    assert (sea.least_served_share, sea.floor, sea.floor_kept) == (None, 0.5, True)
    assert [item.least_served_share for item in others] == [item.least_served_share for item in told.districts]
    assert found.equity == told.equity
    # On the page it stands last, with dashes.
    east, west, last = district_rows(made, found)
    assert (east["id"], west["id"], last["id"], last["served"], last["floor"]) == ("east", "west", "sea", "–", "50 %")


def test_the_worst_district_and_the_gini_coefficient_tell_how_even_it_is(told):
    assert told.equity.worst_district == "east"
    assert told.equity.worst_share == pytest.approx((3 + DRIVERS_SERVED) / 16)
    assert told.equity.gini < told.equity.gini_before


def test_gini_by_hand():
    # One of two has all: the Lorenz curve runs along the bottom up to one half, area 1/4 of 1/2.
    assert gini(np.array([0.0, 1.0]), np.array([1.0, 1.0])) == pytest.approx(0.5)
    # One of ten has all: 0.9.
    assert gini(np.array([1.0, 0.0]), np.array([1.0, 9.0])) == pytest.approx(0.9)
    assert gini(np.array([0.5, 0.5, 0.5]), np.array([1.0, 2.0, 3.0])) == pytest.approx(0.0)
    assert gini(np.zeros(3), np.ones(3)) is None


def test_phases_tell_money_term_by_term_and_what_stands_then(told):
    first, second = told.phases
    assert (first.cost.sites, first.cost.plugs, first.cost.upgrades) == (100.0, 10.0, 30.0)
    assert (second.cost.sites, second.cost.plugs, second.cost.upgrades) == (100.0, 20.0, 0.0)
    assert [item.money_left for item in told.phases] == [60.0, 140.0]
    assert [(item.new_sites, item.extended_sites) for item in told.phases] == [(1, 0), (1, 0)]
    assert [dict(item.plugs) for item in told.phases] == [{"slow": 1}, {"slow": 2}]
    assert (first.served, first.served_before) == (pytest.approx(10.0), pytest.approx(6.0))
    assert told.total_cost == 260.0


def test_extended_sites_are_no_new_ones_and_count_in_each_phase_that_extends_them():
    # A, which stood before, gets a plug in either phase; B and C are new in the first and the second.
    made = small_study()
    more = tuple(Installation(phase=phase, site_id="A", kind_id="slow", plugs=1) for phase in (0, 1))
    plan = replace(made.result.plan, installations=(*made.result.plan.installations, *more))
    made = replace(made, result=replace(made.result, plan=plan))
    told = outcome(made)
    assert [(item.new_sites, item.extended_sites) for item in told.phases] == [(1, 1), (1, 1)]
    assert [(item.new_sites, item.extended_sites) for item in told.districts] == [(1, 1), (1, 0)]
    document = study_document(made, told)
    for name in ("new_sites", "extended_sites"):
        assert document["figures"][name] == sum(district[name] for district in document["districts"])
    assert "New sites + extended</th>" in study_html(made, told)


def test_energy_and_the_co2_that_it_avoids_are_of_a_year(told):
    end = told.phases[-1]
    # 1 session a day of 10 kWh each.
    kwh = DRIVERS_SERVED * 10 * 365
    assert (end.kwh_a_year, end.kwh_a_year_before) == (pytest.approx(kwh), 0.0)
    # 5 km per kWh at 100 g less 200 g per kWh: 300 g.
    factors = EmissionFactors(kwh_per_km=0.2, combustion_g_per_km=100.0, grid_g_per_kwh=200.0)
    assert outcome(small_study(factors=factors)).phases[-1].co2_avoided_t == pytest.approx(kwh * 300 / 1e6)


def test_what_e_bikes_charge_replaces_no_cars_unless_it_is_said_how_many():
    factors = {"kwh_per_km": 0.2, "combustion_g_per_km": 100.0, "grid_g_per_kwh": 200.0}
    made = small_study(factors=EmissionFactors(**factors))
    weak = tuple(replace(kind, power_kw=0.2) for kind in made.problem.kinds)
    docks = replace(made, problem=replace(made.problem, kinds=weak))
    end = outcome(docks).phases[-1]
    assert end.kwh_a_year > 0
    assert end.co2_avoided_t == 0
    assert "What e-bikes charge is left out" in study_html(docks, outcome(docks))
    assert "e-bikes" not in study_html(made, outcome(made))
    # 100 km per kWh, a tenth of it at 100 g, less 200 g per kWh: 800 g.
    given = replace(docks, factors=EmissionFactors(**factors, ebike_replaced_share=0.1))
    assert outcome(given).phases[-1].co2_avoided_t == pytest.approx(end.kwh_a_year * 800 / 1e6)
    assert "0.010 kWh per km, 10 % of these kilometres" in study_html(given, outcome(given)).replace(
        "\u202f", " "
    ).replace("\u00a0", " ")


def test_grid_nodes_tell_what_they_hold(told):
    (node,) = told.grid
    # Two slow plugs of 10 kW each; 15 kW could be held, and 20 more since the upgrade.
    assert (node.held_before_kw, node.held_kw, node.carried_kw, node.upgraded_in) == (10.0, 20.0, 35.0, "phase 1")
    assert [(its.phase, its.held_kw, its.carried_kw) for its in node.phases] == [
        ("phase 1", 20.0, 35.0),
        ("phase 2", 20.0, 35.0),
    ]


def test_grid_nodes_tell_what_they_hold_in_each_phase():
    # B comes with the first phase, the upgrade with the second, and B's second plug with it.
    made = small_study()
    (first, later), (bought,) = made.result.plan.installations, made.result.plan.upgrades
    second = replace(first, phase=1)
    plan = replace(made.result.plan, installations=(first, later, second), upgrades=(replace(bought, phase=1),))
    (node,) = outcome(replace(made, result=replace(made.result, plan=plan))).grid
    assert node.carried_before_kw == 15.0
    assert [(its.held_kw, its.carried_kw) for its in node.phases] == [(20.0, 15.0), (30.0, 35.0)]


def test_an_upgrade_that_is_not_bought_is_told_with_what_it_would_add_and_cost():
    made = small_study()
    # A's 10 kW stand, and B's 10 more are not built: 15 can be held.
    plan = replace(made.result.plan, installations=made.result.plan.installations[1:], upgrades=())
    bare = replace(made, result=replace(made.result, plan=plan))
    told = outcome(bare)
    (node,) = told.grid
    assert (node.upgrade_kw, node.upgrade_cost, node.is_upgraded, node.upgraded_in) == (20.0, 30.0, False, None)
    assert (node.held_kw, node.carried_kw) == (10.0, 15.0)
    assert "not bought: 20 kW for 30 SEK" in study_html(bare, told)
    (told_node,) = study_document(bare, told)["grid"]
    assert (told_node["upgrade_kw"], told_node["upgrade_cost"], told_node["is_upgraded"]) == (20.0, 30.0, False)
    rows = grid_table(bare, told)
    row = dict(zip(rows.columns, rows.rows[0], strict=True))
    assert (row["upgrade_kw"], row["upgrade_cost_SEK"], row["is_upgraded"], row["free_kw"]) == (20.0, 30.0, False, 5.0)
    (bought,) = study_document(made, outcome(made))["grid"]
    assert (bought["is_upgraded"], bought["carried_kw"]) == (True, 35.0)


def test_a_node_that_held_more_than_it_hosts_is_granted_that():
    # 10 kW stand where 5 could be hosted: 10 are granted, and 12 more since the upgrade; B makes them 20.
    made = small_study()
    grid = tuple(replace(node, hosting_kw=5.0, upgrade_kw=12.0) for node in made.problem.grid)
    full = replace(made, problem=replace(made.problem, grid=grid))
    assert check(full.problem, full.result.plan) == ()
    assert [(node.held_kw, node.carried_kw) for node in outcome(full).grid] == [(20.0, 22.0)]
    # So it is not the grid that keeps B out where nothing is built.
    assert limits_at_candidates(full.problem, replace(full.result.plan, installations=()))["B"] == "none"


def test_sites_tell_what_each_phase_builds_there():
    made = small_study()
    later = Installation(phase=1, site_id="B", kind_id="slow", plugs=1)
    plan = replace(made.result.plan, installations=(*made.result.plan.installations, later))
    told = by_id(outcome(replace(made, result=replace(made.result, plan=plan))).sites)
    assert told["B"].new_plugs_by_phase == {"phase 1": {"slow": 1}, "phase 2": {"slow": 1}}
    assert told["C"].new_plugs_by_phase == {"phase 2": {"slow": 2}}
    assert (told["B"].phase, told["C"].phase, told["A"].phase) == ("phase 1", "phase 2", None)


def test_every_reason_is_on_the_page_of_the_file():
    page = (Path(__file__).parents[3] / "docs" / "study-file.md").read_text(encoding="utf-8")
    (line,) = (line for line in page.splitlines() if line.startswith("| `reason` | | `no_site`"))
    assert re.findall(r"`(\w+)`", line)[1:] == list(REASONS)


def test_whoever_is_not_served_has_a_reason(told):
    assert told.reasons == (None, None, None, "plugs", "money", "no_site")
    assert {item.reason: item.people for item in told.unserved} == {
        "no_site": 1.0,
        "plugs": pytest.approx(10 - DRIVERS_SERVED),
        "money": 2.0,
    }
    assert by_id(told.sites)["D"].why == "the money left does not pay for it"


def test_who_is_off_the_streets_is_told_to_have_more_of_them_and_not_more_sites():
    made = small_study(off_streets=frozenset("f"))
    told = outcome(made)
    assert told.reasons == (None, None, None, "plugs", "money", "off_streets")
    (item,) = (item for item in study_document(made, told)["unserved"] if item["reason"] == "off_streets")
    assert (item["people"], item["points"]) == (1.0, 1)
    assert item["help"] == "a larger extract of the streets, or a larger max_snap_m"
    assert "too far from the streets of the study</th>" in study_html(made, told)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"max_new_sites": 2}, "number"),
        # D is 60 m from C.
        ({"spacing_m": 100.0}, "spacing"),
        ({"ban": frozenset({"D"})}, "banned"),
    ],
)
def test_the_limit_in_the_way_is_named(change, reason):
    made = small_study()
    problem = replace(made.problem, wishes=replace(made.problem.wishes, **change))
    assert outcome(replace(made, problem=problem)).reasons[4] == reason


@pytest.mark.parametrize(
    ("change", "reason", "why"),
    [
        ({"kinds": frozenset(), "excluded": "park"}, "excluded", "it lies in an area where nothing may be built"),
        # The slow ones that people use draw 10 kW.
        ({"max_kw": 5.0}, "no_kind", "no kind of charger may come there"),
        ({"kinds": frozenset({"fast"})}, "no_kind", "the money left does not pay for it"),
    ],
)
def test_where_no_charger_may_come_to_the_only_site_within_reach_no_ban_is_blamed(change, reason, why):
    made = small_study()
    sites = tuple(replace(item, **change) if item.id == "D" else item for item in made.problem.sites)
    told = outcome(replace(made, problem=replace(made.problem, sites=sites)))
    assert told.reasons[4] == reason
    assert by_id(told.sites)["D"].why == why
    # To lift a ban would not help there.
    banned = replace(made.problem.wishes, ban=frozenset({"D"}))
    told = outcome(replace(made, problem=replace(made.problem, sites=sites, wishes=banned)))
    assert told.reasons[4] == reason
