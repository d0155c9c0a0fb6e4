"""study.json as a stranger reads it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from optimiser.reporting.siting_files import study_files
from optimiser.reporting.siting_rows import front_table
from optimiser.siting.comparison import compare
from optimiser.siting.result import Conflict
from tests.unit.reporting.siting_pages import fronts
from tests.unit.reporting.siting_reports import front_of, leaving_out, small_study


def document(**given):
    return json.loads(study_files(small_study(**given))["study.json"])


def test_the_quality_of_the_answer_is_told_with_what_is_needed_to_get_it_again():
    told, result = document(), small_study().result
    assert told["value"] == result.value
    assert told["upper_bound"] == result.upper_bound
    # A quarter more than the plan might be had: 0.25 / 1.25 of the bound.
    assert abs(told["gap"] - 0.2) < 1e-12
    assert (told["status"], told["stop_reason"], told["seed"]) == ("bounded", "time_limit", 7)
    assert told["input_hash"] == result.input_hash
    assert told["synthetic"] == ["demand is made up from seed 1"]


def amounts_of_money(told, name=""):
    """All in a document, however deep."""
    if isinstance(told, dict):
        return [its for key, value in told.items() for its in amounts_of_money(value, key)]
    if isinstance(told, list):
        return [its for value in told for its in amounts_of_money(value, name)]
    is_money = name in ("total_cost", "cost", "total", "budget", "money_left", "asked", "plug_cost", "open_cost")
    return [told] if is_money and told is not None else []


def test_money_is_told_as_exactly_as_prices_are():
    made = small_study()
    phases = (
        replace(phase, budget=budget) for phase, budget in zip(made.problem.wishes.phases, (0.1, 0.2), strict=True)
    )
    problem = replace(
        made.problem,
        wishes=replace(made.problem.wishes, phases=tuple(phases)),
        sites=tuple(replace(item, open_cost=0.1) for item in made.problem.sites),
        kinds=tuple(replace(item, plug_cost=0.7) for item in made.problem.kinds),
    )
    short = Conflict(
        rule="budget", ids=("B",), asked=0.1 + 0.2, possible=2.5, is_proven=True, is_impossible=True, text="Short."
    )
    result = replace(made.result, conflicts=(short,))
    study = {"problem": problem, "result": result}
    told = document(**study, front=front_of(small_study(**study)))
    money = amounts_of_money(told)
    assert len(money) > 20
    assert [round(amount, 2) for amount in money] == money
    assert told["conflicts"][0]["asked"] == 0.3
    # Three plugs, two sites and the upgrade of the node for 30.
    assert told["total_cost"] == told["front"]["points"][0]["cost"] == 32.3
    assert told["figures"]["money_left"] == -32.0


def test_the_city_is_told_with_the_id_by_which_a_later_study_knows_it():
    assert document()["city"] == {
        "id": "goteborg",
        "name": "Göteborg",
        "time_zone": "Europe/Stockholm",
        "currency": "SEK",
    }


def test_figures_add_up_to_what_their_parts_tell():
    told = document()
    assert told["total_cost"] == sum(phase["cost"]["total"] for phase in told["phases"])
    assert told["figures"]["new_plugs"] == sum(sum(site["new_plugs"].values()) for site in told["sites"]) == 3
    served = sum(site["people_served"] for site in told["sites"])
    assert math.isclose(told["figures"]["people_served"], served)
    left = sum(item["people"] for item in told["unserved"])
    assert math.isclose(served + left, told["figures"]["people"])
    assert math.isclose(told["phases"][-1]["co2_avoided_t"], told["figures"]["co2_avoided_t_a_year"])
    assert told["co2_factors"]["source"]


def test_an_infinite_bound_and_an_infinite_wish_are_told_as_none():
    made = small_study()
    wish = Conflict(
        rule="budget", ids=(), asked=math.inf, possible=1.0, is_proven=False, is_impossible=False, text="never enough"
    )
    result = replace(made.result, upper_bound=math.inf, conflicts=(wish,))
    told = document(result=result)
    assert (told["upper_bound"], told["conflicts"][0]["asked"]) == (None, None)


def test_a_study_without_districts_grid_or_anything_built_is_told_as_well():
    made = small_study()
    plan = replace(made.result.plan, installations=(), upgrades=(), servings=())
    problem = replace(
        made.problem,
        districts=(),
        grid=(),
        sites=tuple(replace(item, grid_node=None, district=None) for item in made.problem.sites),
        demand=tuple(replace(item, district=None) for item in made.problem.demand),
        wishes=replace(made.problem.wishes, floors={}),
    )
    told = document(problem=problem, result=replace(made.result, plan=plan))
    assert told["figures"]["people_served"] == 0
    assert (told["figures"]["mean_access_s"], told["equity"]["worst_district"]) == (None, None)
    assert told["figures"]["people_served_before"] == 6.0


def test_the_same_study_gives_the_same_bytes():
    assert study_files(small_study()) == study_files(small_study())


def test_a_front_runs_and_a_comparison_are_told_as_numbers():
    made, (front, runs) = small_study(), fronts()
    plan = made.result.plan
    told = document(front=front, sensitivity=runs, comparison=compare((made.problem, plan), (made.problem, plan)))
    points = told["front"]["points"]
    assert [point["cost"] for point in points] == [point.cost for point in front.points]
    assert sum(point["is_knee"] for point in points) == (front.knee is not None)
    assert all(point["plugs"] == sum(item["plugs"] for item in point["installations"]) for point in points)
    assert set(told["sensitivity"]["times_asked"].values()) == {2}
    for told_run, run in zip(told["sensitivity"]["runs"], runs.runs, strict=True):
        assert (told_run["value"], told_run["upper_bound"], told_run["gap"]) == (run.value, run.upper_bound, run.gap)
        assert (told_run["sites"], told_run["is_base"]) == (len(run.sites), False)
        assert (told_run["given_up"], told_run["missed"]) == (run.given_up, run.missed)
    assert told["sensitivity"]["runs_that_keep_all"] == runs.times_kept()
    assert (told["comparison"]["gained"], told["comparison"]["kept"]) == ([], ["B", "C"])
    assert told["comparison"]["cost"] == [260.0, 260.0]


def test_each_run_tells_which_wishes_gave_way():
    _, runs = fronts()
    first, *others = (replace(run, missed={}, left_out=frozenset()) for run in runs.runs)
    first = replace(first, missed={"east": 0.25, "west": 0.5}, left_out=frozenset("DC"))
    told = document(sensitivity=replace(runs, runs=(first, *others)))["sensitivity"]
    # A quarter and a half of two districts, and two sites.
    assert {name: told["runs"][0][name] for name in ("given_up", "missed", "left_out")} == {
        "given_up": 2.75,
        "missed": {"east": 0.25, "west": 0.5},
        "left_out": ["C", "D"],
    }
    assert {name: told["runs"][1][name] for name in ("given_up", "missed", "left_out")} == {
        "given_up": 0.0,
        "missed": {},
        "left_out": [],
    }
    assert told["runs_that_keep_all"] == len(others)


def test_what_is_not_counted_is_no_choice_of_sites():
    _, runs = fronts()
    made = tuple(replace(run, sites=frozenset("B"), is_counted=True) for run in runs.runs)
    last = replace(made[-1], sites=frozenset("D"), is_counted=False)
    told = document(sensitivity=replace(runs, runs=(*made[:-1], last)))["sensitivity"]
    assert [run["is_counted"] for run in told["runs"]] == [True] * 7 + [False]
    assert told["times_asked"] == {"demand": 2, "reach": 2, "budget": 2, "search": 1}
    assert told["times_chosen"] == {"B": {"demand": 2, "reach": 2, "budget": 2, "search": 1}}


def test_points_of_a_front_tell_what_the_study_tells_of_its_own_plan():
    made = small_study()
    told = document(front=front_of(made))
    (point,), figures, (node,) = told["front"]["points"], told["figures"], told["grid"]
    assert (point["people_served"], point["served_share"]) == (figures["people_served"], figures["served_share"])
    # A's plug and B's, 10 kW each, at a node of 15 kW that is made 20 kW stronger.
    assert point["grid_share"] == node["held_kw"] / node["carried_kw"] == 20 / 35
    assert (point["sites"], point["plugs"]) == (2, 3)
    bare = replace(made.problem, grid=(), sites=tuple(replace(item, grid_node=None) for item in made.problem.sites))
    plan = replace(made.result.plan, upgrades=())
    bare_study = {"problem": bare, "result": replace(made.result, plan=plan)}
    assert document(**bare_study, front=front_of(small_study(**bare_study)))["front"]["points"][0]["grid_share"] is None


def test_points_of_a_front_tell_the_floors_that_were_asked_for_and_those_missed():
    (point,) = document(front=front_of(small_study(), floors={"west": 0.9, "east": 0.6}))["front"]["points"]
    assert (point["floor"], point["highest_floor"], point["floors"]) == (0.6, 0.9, {"west": 0.9, "east": 0.6})
    assert (point["floors_kept"], point["missed"]) == (False, ["east"])
    assert point["worst_share"] == document()["equity"]["worst_share"]
    # The study itself asks for 30 % of the east.
    assert (point["study_floors_kept"], point["study_missed"]) == (True, [])
    (point,) = document(front=front_of(small_study(), floors={}))["front"]["points"]
    assert [point[name] for name in ("floor", "highest_floor", "floors_kept", "worst_share")] == [None] * 4


def row_of(front):
    """The only row of its table."""
    told = front_table(small_study(), front)
    return dict(zip(told.columns, told.rows[0], strict=True))


def test_the_table_of_a_front_answers_yes_or_no():
    told = row_of(front_of(small_study()))
    assert (told["floors_kept"], told["study_floors_kept"], told["is_knee"]) == ("yes", "yes", "no")


def test_points_of_a_front_tell_the_forced_sites_that_they_leave_out():
    made = front_of(small_study())
    assert document(front=made)["front"]["points"][0]["left_out"] == []
    assert row_of(made)["left_out"] is None
    short = leaving_out(made, "E", "D")
    assert document(front=short)["front"]["points"][0]["left_out"] == ["D", "E"]
    assert row_of(short)["left_out"] == "D, E"
