"""`evenfleet benchmark` as a user types it: judged answers, a result file whole after each, exit codes that tell."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from importlib.metadata import version

import numba
import pytest
from typer.testing import CliRunner

from scenarios.benchmarks.brp import read_brp
from scenarios.benchmarks.judge_brp import judge_brp
from scenarios.benchmarks.judge_nyc import judge_nyc
from scenarios.benchmarks.nyc import NycRoute, NycStop, read_nyc
from service.benchmarks import routing, siting
from service.cli import app
from service.cli.terminal import COMPILING
from tests.service.test_cli_plan import evenfleet
from tests.unit.scenarios.benchmarks.instances import (
    PUBLIC,
    SQUARE,
    STEP_MILES,
    best_brp_cost,
    meridian,
    random_brp,
    write_meridian,
    write_square,
)

needs_public = pytest.mark.skipif(not PUBLIC.is_dir(), reason="needs the public instances of ../shared/benchmarks")


@pytest.fixture
def folder(tmp_path):
    """Two BRP instances and one of New York, with a list that knows one of them."""
    instances = tmp_path / "instances"
    instances.mkdir()
    write_square(instances, "a.txt")
    write_square(instances, "b.txt", SQUARE.replace("\n6\n", "\n5\n"))
    write_meridian(instances)
    return instances


def run(*words):
    return CliRunner().invoke(app, ["benchmark", *map(str, words)])


def test_answers_are_written_as_promised_and_pass_the_judge(folder, tmp_path):
    evenfleet("benchmark", "brp", folder, "--seconds", 1, "--seed", 3, "--output", "out/results.json", cwd=tmp_path)
    document = json.loads((tmp_path / "out/results.json").read_text())
    assert {"version", "results"} == set(document)
    assert version("evenfleet") == document["version"]
    square, tight, york = document["results"]
    assert ["a", "b", "meridian"] == [entry["instance"] for entry in document["results"]]
    for entry, name in ((square, "a.txt"), (tight, "b.txt")):
        assert ["instance", "cost", "lower_bound", "seconds", "routes"] == list(entry)
        claimed = {"cost": entry["cost"], "lower_bound": entry["lower_bound"]}
        assert () == judge_brp(read_brp(folder / name), entry["routes"], **claimed)
    assert ["instance", "cost", "lower_bound", "miles", "penalty", "seconds", "routes"] == list(york)
    routes = [
        NycRoute(depot=tuple(route["depot"]), stops=tuple(NycStop(**stop) for stop in route["stops"]))
        for route in york["routes"]
    ]
    instance = read_nyc(folder / "meridian.csv")
    assert () == judge_nyc(instance, routes, cost=york["cost"], lower_bound=york["lower_bound"])
    assert york["cost"] == pytest.approx(york["miles"] + york["penalty"])
    # Both targets can be met for less than the penalty of 10.
    assert 0 == york["penalty"]


def test_people_get_a_table_with_the_gap_and_with_what_is_known(folder, tmp_path):
    listed = folder / "best_known.csv"
    listed.write_text("instance,best_known\na,100\nb,0\n")
    done = evenfleet("benchmark", "brp", listed, "--seconds", 1, "--output", "r.json", cwd=tmp_path)
    cost, bound = (json.loads((tmp_path / "r.json").read_text())["results"][0][key] for key in ("cost", "lower_bound"))
    row = next(line.split() for line in done.stdout.splitlines() if line.split()[:1] == ["a"])
    assert ["a", f"{cost}", f"{bound}", f"{(cost - bound) / cost:.1%}", "100", f"{cost - 100:+.2f}%"] == row[:-1]
    assert "best known" in done.stdout
    assert "record" not in done.stdout + done.stderr
    assert "1 of 2  a" in done.stderr
    assert "File: r.json" in done.stdout


def test_json_prints_the_result_file(folder, tmp_path):
    done = evenfleet("benchmark", "brp", folder / "a.txt", "--seconds", 1, "--json", cwd=tmp_path)
    assert (tmp_path / "plans/benchmark-brp.json").read_text() == done.stdout


def test_the_result_file_is_whole_after_each_instance(folder, tmp_path, monkeypatch):
    output, seen, solve = tmp_path / "r.json", [], routing.solve_brp

    def look(*words, **options):
        seen.append([entry["instance"] for entry in json.loads(output.read_text())["results"]])
        return solve(*words, **options)

    monkeypatch.setattr(routing, "solve_brp", look)
    assert 0 == run("brp", folder / "a.txt", folder / "b.txt", "--seconds", 1, "--output", output).exit_code
    assert [[], ["a"]] == seen


def test_an_answer_that_breaks_a_rule_is_an_error_and_is_not_written(folder, tmp_path, monkeypatch):
    solve = routing.solve_brp

    def spoil(instance, **options):
        answer = solve(instance, **options)
        return replace(answer, cost=answer.cost - 1) if instance.name == "a" else answer

    monkeypatch.setattr(routing, "solve_brp", spoil)
    done = run("brp", folder / "a.txt", folder / "b.txt", "--seconds", 1, "--output", tmp_path / "r.json")
    assert 1 == done.exit_code
    assert ["b"] == [entry["instance"] for entry in json.loads((tmp_path / "r.json").read_text())["results"]]
    assert "cost: the routes cost" in done.stderr
    assert "1 of 2 failed" in done.stderr


def test_ctrl_c_keeps_what_is_done(folder, tmp_path, monkeypatch):
    solve = routing.solve_brp

    def interrupt(instance, **options):
        if instance.name == "b":
            raise KeyboardInterrupt
        return solve(instance, **options)

    monkeypatch.setattr(routing, "solve_brp", interrupt)
    done = run("brp", folder, "--seconds", 1, "--output", tmp_path / "r.json")
    assert 1 == done.exit_code
    assert ["a"] == [entry["instance"] for entry in json.loads((tmp_path / "r.json").read_text())["results"]]
    assert "Stopped after 1 of 3" in done.stderr


def test_everything_malformed_is_told_before_anything_is_solved(folder, tmp_path):
    (folder / "bad.txt").write_text("4 0 1 2")
    (folder / "worse.csv").write_text("id,Latitude\n")
    done = evenfleet(
        "benchmark", "brp", folder, "nowhere.txt", "--seconds", 1, "--output", "r.json", cwd=tmp_path, check=1
    )
    assert "nowhere.txt: does not exist" in done.stderr
    done = evenfleet("benchmark", "brp", folder, "--seconds", 1, "--output", "r.json", cwd=tmp_path, check=1)
    assert "bad.txt: token 4, line 1: holds 4 tokens, needs 22" in done.stderr
    assert "worse.csv: row 1: there is no column longitude" in done.stderr
    assert "" == done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "r.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (
            ["tsp", "a.txt"],
            2,
            "is not one of 'brp', 'pmedian', 'pcenter', 'mclp', 'capacitated', 'flow', 'relocation', 'city'",
        ),
        (["brp"], 2, "Missing argument"),
        (["brp", "a.txt", "--seconds", "0"], 2, "--seconds"),
        (["city", "gotheborg"], 1, "did you mean goteborg?"),
    ],
)
def test_what_is_wrong_is_said_on_stderr_and_by_the_exit_code(words, code, says, tmp_path):
    done = evenfleet("benchmark", *words, cwd=tmp_path, check=code)
    assert says in done.stderr
    assert "" == done.stdout
    assert "Traceback" not in done.stderr


def test_a_city_is_planned_along_the_road_of_plan(tmp_path):
    done = evenfleet("benchmark", "city", "paris-8e", "--seconds", 1, "--output", "r.json", cwd=tmp_path)
    (entry,) = json.loads((tmp_path / "r.json").read_text())["results"]
    assert [
        *("city", "stations", "vans", "objective", "best_bound", "gap", "lost_trips_before", "lost_trips_after"),
        *("seconds", "peak_memory_mb", "stop_reason", "engine", "input_hash"),
    ] == list(entry)
    assert ("paris-8e", 28, 2) == (entry["city"], entry["stations"], entry["vans"])
    assert entry["best_bound"] <= entry["objective"]
    assert entry["lost_trips_after"] < entry["lost_trips_before"]
    assert entry["peak_memory_mb"] > 50
    assert "paris-8e" in done.stdout


@pytest.mark.parametrize("seed", range(12))
def test_tiny_instances_are_solved_to_proof(seed):
    instance = random_brp(seed)
    answer = routing.solve_brp(instance, seconds=1, seed=1, bound_seconds=0.2)
    assert () == judge_brp(instance, answer.routes, cost=answer.cost, lower_bound=answer.lower_bound)
    assert answer.lower_bound == best_brp_cost(instance) == answer.cost


@needs_public
def test_a_folder_with_a_list_is_compared_with_it(tmp_path):
    done = evenfleet("benchmark", "brp", PUBLIC / "brp/1Bari30.txt", "--seconds", 1, cwd=tmp_path)
    assert "14,600" in done.stdout


def test_new_york_by_hand():
    # Ten bikes from A, one step north of the depot, to B, one more: two steps there and two back, nothing is missing.
    answer = routing.solve_nyc(meridian(), seconds=0.5, seed=1, bound_seconds=0.1)
    assert 4 * STEP_MILES == pytest.approx(answer.miles, rel=1e-5)
    assert 0 == answer.penalty
    assert answer.lower_bound <= answer.miles


def test_new_york_leaves_a_penalty_where_driving_costs_more():
    # Four steps cost 2.8 miles, one bike off its target half a mile at each of the two stations.
    answer = routing.solve_nyc(meridian(target=(1, -1)), seconds=0.5, seed=1, bound_seconds=0.1)
    assert ((), 1.0) == (answer.routes, answer.penalty)


def test_sites_are_chosen_proven_and_judged(tmp_path):
    (tmp_path / "ring.txt").write_text("4 5 2\n1 2 9\n1 2 5\n2 3 1\n3 4 1\n1 4 3\n")
    (tmp_path / "line.tsp").write_text("NODE_COORD_SECTION\n1 0 0\n2 10 0\n3 11 0\nEOF\n")
    (tmp_path / "cases.csv").write_text("file,p,value\nring.txt,,2\nline.tsp,1,11\nline.tsp,2,1\n")
    done = evenfleet("benchmark", "pmedian", "cases.csv", "--seconds", 5, "--output", "r.json", cwd=tmp_path)
    assert done.stdout.count("+0.00%") == 3
    ring, one, two = json.loads((tmp_path / "r.json").read_text())["results"]
    assert ["instance", "n", "p", "cost", "lower_bound", "status", "seconds", "sites"] == list(ring)
    assert (ring["p"], ring["cost"], ring["lower_bound"], ring["status"]) == (2, 2, 2, "proven")
    assert (one["cost"], one["sites"]) == (11, [2])
    assert (two["cost"], two["status"]) == (1, "proven")


def test_a_wrong_number_of_sites_is_told_before_anything_is_solved(tmp_path):
    (tmp_path / "line.tsp").write_text("NODE_COORD_SECTION\n1 0 0\n2 10 0\n3 11 0\nEOF\n")
    (tmp_path / "cases.csv").write_text("file,p\nline.tsp,2\nline.tsp,4\nlien.tsp,1\n")
    done = evenfleet("benchmark", "pmedian", "cases.csv", "line.tsp", "--output", "r.json", cwd=tmp_path, check=1)
    assert "cases.csv: row 3: p is 4 (a whole number within 1..3)" in done.stderr
    assert "cases.csv: row 4: there is no instance lien.tsp beside the list" in done.stderr
    assert not (tmp_path / "r.json").exists()


@needs_public
def test_public_p_medians_are_proven(tmp_path):
    folder = PUBLIC / "siting/pmedian"
    words = [folder / name for name in ("pmed1.txt", "pmed9.txt", "pmed15.txt", "pmed22.txt")]
    evenfleet("benchmark", "pmedian", *words, "--seconds", 60, "--output", "r.json", cwd=tmp_path)
    entries = json.loads((tmp_path / "r.json").read_text())["results"]
    assert [entry["lower_bound"] for entry in entries] == [5819, 2734, 1729, 8579]
    assert {entry["status"] for entry in entries} == {"proven"}


def test_what_sites_cover_is_told_with_its_bound(tmp_path):
    (tmp_path / "plane.txt").write_text("2 3\nF 1 0 0 1\nF 2 10 0 1\nC 1 3 4 5\nC 2 0 5.5 7\nC 3 10 -5 11\n")
    (tmp_path / "cases.csv").write_text("file,p,radius,value\nplane.txt,1,5,11\nplane.txt,1,5.5,12\n")
    done = evenfleet("benchmark", "mclp", "cases.csv", "--seconds", 5, "--output", "r.json", cwd=tmp_path)
    assert done.stdout.count("+0.00%") == 2
    assert "covered" in done.stdout
    near, far = json.loads((tmp_path / "r.json").read_text())["results"]
    assert ["instance", "p", "radius", "covered", "upper_bound", "status", "seconds", "sites"] == list(near)
    assert (near["covered"], near["upper_bound"], near["status"], near["sites"]) == (11, 11, "proven", [1])
    assert (far["covered"], far["upper_bound"], far["sites"]) == (12, 12, [0])


def test_a_file_that_is_asked_for_twice_is_wrong_once(tmp_path):
    (tmp_path / "plane.txt").write_text("1 1\nF 1 0 0 1\nC 1 3 4 five\n")
    (tmp_path / "cases.csv").write_text("file,p,radius\nplane.txt,1,5\nplane.txt,1,6\n")
    done = evenfleet("benchmark", "mclp", "cases.csv", "--output", "r.json", cwd=tmp_path, check=1)
    assert "1 error" in done.stderr
    assert done.stderr.count("'1 3 4 five' is not id, x, y and a value") == 1


@needs_public
def test_a_public_city_is_covered_within_its_bound(tmp_path):
    (tmp_path / "Bronx.txt").symlink_to(PUBLIC / "siting/mclp/Bronx.txt")
    (tmp_path / "cases.csv").write_text("file,p,radius\nBronx.txt,50,600\n")
    evenfleet("benchmark", "mclp", "cases.csv", "--seconds", 20, "--output", "r.json", cwd=tmp_path)
    (entry,) = json.loads((tmp_path / "r.json").read_text())["results"]
    assert entry["covered"] <= 1_205_051 <= entry["upper_bound"]
    assert entry["covered"] >= 0.99 * 1_205_051


def test_centers_are_chosen_proven_and_judged(tmp_path):
    # From 3 it is 4, 1 and 1 to the others; two sites leave no way longer than 1.
    (tmp_path / "ring.txt").write_text("4 5 2\n1 2 9\n1 2 5\n2 3 1\n3 4 1\n1 4 3\n")
    (tmp_path / "cases.csv").write_text("file,p,value\nring.txt,,2\nring.txt,1,7\n")
    done = evenfleet("benchmark", "pcenter", "cases.csv", "--seconds", 5, "--output", "r.json", cwd=tmp_path)
    assert "best known" not in done.stdout
    two, one = json.loads((tmp_path / "r.json").read_text())["results"]
    assert ["instance", "n", "p", "cost", "lower_bound", "status", "seconds", "sites"] == list(two)
    assert (two["p"], two["cost"], two["lower_bound"], two["status"]) == (2, 1, 1, "proven")
    assert (one["p"], one["cost"], one["sites"]) == (1, 3, [4])


@needs_public
def test_public_p_centers_are_proven(tmp_path):
    words = [PUBLIC / "siting/pmedian" / name for name in ("pmed1.txt", "pmed5.txt", "pmed16.txt")]
    evenfleet("benchmark", "pcenter", *words, "--seconds", 60, "--output", "r.json", cwd=tmp_path)
    entries = json.loads((tmp_path / "r.json").read_text())["results"]
    assert [entry["cost"] for entry in entries] == [127, 48, 47]
    assert {entry["status"] for entry in entries} == {"proven"}


def test_stations_for_trips_are_chosen_proven_and_judged(tmp_path):
    # 4 and 4 from 1 over 2 to 3: with a range of 8 a station in the middle does.
    (tmp_path / "Tri").mkdir()
    end = "<END OF METADATA>\n"
    net = f"<NUMBER OF NODES> 3\n<NUMBER OF LINKS> 2\n{end}1 2 9 4 ;\n2 3 9 4 ;\n"
    (tmp_path / "Tri/Tri_net.tntp").write_text(net)
    (tmp_path / "Tri/Tri_trips.tntp").write_text(f"{end}Origin 1\n3 : 5.0; 2 : 1.0;\n")
    (tmp_path / "cases.csv").write_text(
        'instance,p,params,value\nTri_R8_p1,1,"range=8, round trip",6\nTri_R7_p1,1,range=7,0\n'
    )
    done = evenfleet("benchmark", "flow", "cases.csv", "--seconds", 5, "--output", "r.json", cwd=tmp_path)
    assert "Tri_R8_p1" in done.stdout
    wide, tight = json.loads((tmp_path / "r.json").read_text())["results"]
    assert ["instance", "p", "covered", "upper_bound", "status", "seconds", "sites"] == list(wide)
    assert (wide["covered"], wide["upper_bound"], wide["status"], wide["sites"]) == (6, 6, "proven", [2])
    assert (tight["instance"], tight["covered"], tight["status"]) == ("Tri_R7_p1", 0, "proven")


@needs_public
def test_public_networks_are_proven(tmp_path):
    evenfleet("benchmark", "flow", PUBLIC / "siting/flow", "--seconds", 20, "--output", "r.json", cwd=tmp_path)
    entries = json.loads((tmp_path / "r.json").read_text())["results"]
    with (PUBLIC / "siting/flow/cases.csv").open(newline="") as file:
        listed = {row["instance"]: float(row["value"]) for row in csv.DictReader(file)}
    assert {entry["instance"]: entry["covered"] for entry in entries} == pytest.approx(listed)
    assert {entry["status"] for entry in entries} == {"proven"}


def test_customers_are_assigned_proven_and_judged(tmp_path):
    # 0, 1, 2 and 9 on a line: 9 has to be joined by 2 (7 to go), and 0 or 1 serves the other.
    (tmp_path / "line.txt").write_text("1 8\n4 2 2\n1 0 0 1\n2 1 0 1\n3 2 0 1\n4 9 0 1\n")
    (tmp_path / "short.dat").write_text("2 1\n0 0 3 2\n1 0 3 2\n")
    (tmp_path / "cases.csv").write_text("file,p,value\nline.txt,2,8\n")
    done = evenfleet("benchmark", "capacitated", "cases.csv", "--seconds", 60, "--output", "r.json", cwd=tmp_path)
    assert done.stdout.count("+0.00%") == 1
    (entry,) = json.loads((tmp_path / "r.json").read_text())["results"]
    assert list(entry) == [
        *("instance", "n", "p", "cost", "lower_bound", "status", "seconds", "sites", "assignment"),
    ]
    assert (entry["n"], entry["p"], entry["cost"], entry["lower_bound"], entry["status"]) == (4, 2, 8, 8, "proven")
    assert set(entry["assignment"]) == set(entry["sites"])
    done = evenfleet("benchmark", "capacitated", "short.dat", "--output", "r.json", cwd=tmp_path, check=1)
    assert "1 sites have room for 3 at most, all demand is 4 (2 sites or more)" in done.stderr


@needs_public
def test_public_capacitated_p_medians_are_proven(tmp_path):
    words = [PUBLIC / "siting/capacitated" / name for name in ("pmedcap_1.txt", "SJC1.dat")]
    evenfleet("benchmark", "capacitated", *words, "--seconds", 60, "--output", "r.json", cwd=tmp_path)
    entries = json.loads((tmp_path / "r.json").read_text())["results"]
    assert [round(entry["cost"], 2) for entry in entries] == [713, 17288.99]
    assert {entry["status"] for entry in entries} == {"proven"}


def test_who_waits_for_a_compiler_is_told_so(tmp_path, monkeypatch):
    def tasks_of(*_words, **_options):
        numba.njit(lambda number: number + 1)(1)
        return ()

    monkeypatch.setattr(siting, "mclp_tasks", tasks_of)
    done = run("mclp", "plane.txt", "--output", tmp_path / "r.json")
    assert (done.exit_code, done.stderr.strip()) == (0, COMPILING)
