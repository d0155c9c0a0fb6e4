"""`evenfleet site` as a planner types it: exit codes, data on stdout, talk on stderr, wishes that give way."""

import json
import signal
import subprocess
from contextlib import contextmanager

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import Progress
from optimiser.siting.check import check
from optimiser.siting.cost import value
from optimiser.siting.solve import solve
from scenarios.siting.changes import ChangesModel
from scenarios.siting.loader import load_study
from service.cli import site
from service.cli.terminal import MUST_DO_LEFT, stop_on_interrupt
from service.siter import solve_study
from tests.service.test_cli_plan import COMMAND, environment, evenfleet
from tests.siting_folders import HEAD, SIMPLE, write_folder

# Three people-places, a step from a site each: x serves 30, y serves 20, z serves 10; a site with a plug costs 100.
DEMAND = [
    {"id": "a", "at": 0, "weight": 30, "district": "west"},
    {"id": "b", "at": 10, "weight": 20, "district": "west"},
    {"id": "c", "at": 20, "weight": 10, "district": "east"},
]
SITES = [{"id": "x", "at": 1}, {"id": "y", "at": 11}, {"id": "z", "at": 21}]


@pytest.fixture
def town(tmp_path):
    write_folder(tmp_path / "town", demand=DEMAND, candidates=SITES)
    return tmp_path


def study(folder, *options, check=0):
    done = evenfleet("site", "town", "--seconds", 2, "--output", "out", "--json", *options, cwd=folder, check=check)
    return json.loads(done.stdout), json.loads((folder / "out/study.json").read_text()), done.stderr


def built(document):
    return {site["site_id"] for site in document["sites"] if site["is_built"]}


def test_one_json_document_on_stdout_and_the_talk_on_stderr(town):
    summary, document, talk = study(town)
    assert summary["value"] == document["value"] == 60
    assert summary["upper_bound"] >= 60
    assert summary["conflicts"] == []
    assert "out/study.json" in summary["files"]
    assert "Town: 3 demand points, 3 sites" in talk
    assert "assumed: charger kind ac11: 11 kW, sessions of 300 min" in talk
    assert any("max_new_sites" in sentence for sentence in summary["assumed"])


def test_a_study_is_not_written_over_the_files_it_is_made_from(town):
    before = {path.name: path.read_bytes() for path in (town / "town").iterdir()}
    done = evenfleet("site", "town", "--seconds", 2, "--output", "out/../town", cwd=town, check=1)
    assert "would take the place of the city's" in done.stderr
    assert {path.name: path.read_bytes() for path in (town / "town").iterdir()} == before


def test_options_take_the_place_of_the_wishes_of_the_file(town):
    assert built(study(town, "--sites", 1)[1]) == {"x"}
    assert built(study(town, "--budget", 250)[1]) == {"x", "y"}
    assert built(study(town, "--sites", 1, "--ban", "x")[1]) == {"y"}
    assert built(study(town, "--sites", 1, "--force", "z")[1]) == {"z"}
    # East has 10 people, whom z alone reaches.
    assert built(study(town, "--sites", 2, "--floor", 0.5)[1]) == {"x", "z"}
    _, document, _ = study(town, "--budget", 200, "--phases", 2)
    assert [phase["cost"]["total"] for phase in document["phases"]] == [100, 100]


def test_a_wish_that_gives_way_ends_with_three_and_the_nearest_that_can_be_kept(town):
    summary, document, talk = study(town, "--budget", 100, "--floor", 0.5, check=3)
    assert summary["conflicts"] == document["conflicts"] != []
    # x for the west and z for the east.
    told = {conflict["rule"]: conflict["possible"] for conflict in summary["conflicts"]}
    assert told.keys() == {"floor", "budget"}
    assert told["budget"] == 200
    assert "a wish cannot be kept: no plan within 100 keeps the floors asked for; 200 would do" in talk
    assert "a wish cannot be kept: 50.0% of district" in talk
    summary, _, talk = study(town, "--force", "x", "--budget", 99, check=3)
    assert [conflict["rule"] for conflict in summary["conflicts"]][:1] == ["force"]


def test_nobody_in_reach_is_a_wish_that_gives_way_too(tmp_path):
    toml = SIMPLE.replace("reach_s = 100", "reach_s = 50")
    write_folder(tmp_path / "town", toml, demand=DEMAND, candidates=SITES)
    summary, document, _ = study(tmp_path, check=3)
    conflict = summary["conflicts"][0]
    assert (conflict["rule"], conflict["asked"], conflict["possible"]) == ("reach", 50, 84)
    assert document["value"] == 0


def test_nobody_in_reach_however_far_is_told_as_well(tmp_path):
    # 222 km on foot, where four hours are looked for.
    write_folder(tmp_path / "town", demand=DEMAND, candidates=[{"id": "far", "at": 2000}])
    summary, document, talk = study(tmp_path, check=3)
    (conflict,) = [item for item in summary["conflicts"] if item["rule"] == "reach"]
    assert (conflict["asked"], conflict["possible"]) == (100, None)
    assert "nobody of segment residents (60) has a site within 100 s; none was found any further either" in talk
    assert document["value"] == 0


def test_every_error_of_every_file_is_told_at_once_and_nothing_is_written(town):
    write_folder(town / "town", SIMPLE + "florr = 1", demand=[{**DEMAND[0], "weight": "many"}], candidates=SITES)
    done = evenfleet("site", "town", "--output", "out", cwd=town, check=1)
    assert done.stdout == ""
    assert "city.toml: siting.florr: florr is not known here (did you mean floor?)" in done.stderr
    assert "demand.csv: row 2" in done.stderr
    assert not (town / "out").exists()


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--force", "xx"], 1, "there is no site xx"),
        (["--force", "x", "--ban", "x"], 1, "options: sites are both forced and banned: x"),
        (["--floor", "1.5"], 2, "--floor"),
        (["--sites", "-1"], 2, "--sites"),
    ],
)
def test_options_that_cannot_be_are_refused(town, options, code, told):
    done = evenfleet("site", "town", *options, "--output", "out", cwd=town, check=code)
    assert told in done.stderr
    assert not (town / "out").exists()


@pytest.mark.parametrize(
    ("phases", "told"), [(1, "value 60 people  bound"), (2, "value 60 people, over all phases  bound")]
)
def test_progress_tells_the_value_and_not_how_many_are_served(town, monkeypatch, capsys, phases, told):
    class Stopped(Exception):
        pass

    def solve(*_, on_progress, **__):
        on_progress(Progress(elapsed_s=1.0, objective=60.0, best_bound=90.0, gap=0.5))
        raise Stopped

    monkeypatch.setattr(site, "solve_study", solve)
    with pytest.raises(Stopped):
        site.search(load_study(town / "town", ChangesModel(phases=phases)), SolveLimits(seconds=1))
    assert told in capsys.readouterr().err


def test_all_options_that_are_out_of_range_are_told_at_once(town):
    options = ("--budget", -5, "--phases", 0, "--floor", 40, "--seconds", 0, "--sites", "few")
    done = evenfleet("site", "town", *options, "--output", "out", cwd=town, check=2)
    told = " ".join(done.stderr.replace("│", "").split())
    for one in (
        "'--budget': -5.0 is not in the range 0<=x<=1000000000000.",
        "'--phases': 0 is not in the range 1<=x<=30.",
        "'--floor': 40 is not in the range 0<=x<=1; 40 % is 0.4.",
        "'--seconds': 0.0 is not in the range 0.1<=x<=86400.",
        "'--sites': 'few' is not a valid",
    ):
        assert f"Invalid value for {one}" in told
    assert not (town / "out").exists()
    # What is neither more nor less than anything, and what no study takes.
    options = ("--budget", "nan", "--floor", "nan", "--seconds", "nan", "--gap", "nan", "--sites", 99999999999)
    done = evenfleet("site", "town", *options, "--output", "out", cwd=town, check=2)
    told = " ".join(done.stderr.replace("│", "").split())
    for name in ("budget", "floor", "seconds", "gap", "sites"):
        assert f"Invalid value for '--{name}'" in told
    for options in (("--seconds", "nan"), ("--budget", "1e30")):
        assert options[0] in evenfleet("site", "town", *options, cwd=town, check=2).stderr
    # Of one, and of another command.
    assert "'--floor': x is not a number." in evenfleet("site", "town", "--floor", "x", cwd=town, check=2).stderr
    told = evenfleet("plan", "paris-8e", "--seconds", 0, "--gap", 2, cwd=town, check=2).stderr
    assert "'--seconds'" in told
    assert "'--gap'" in told


def test_city_check_looks_over_what_a_folder_is_for(town):
    done = evenfleet("city", "check", "town", cwd=town)
    # Nothing in it is about bikes, so nobody asks for depots and vans.
    assert done.stdout == "town: errors 0, warnings 0\n"
    assert "assumed: segment residents" in done.stderr
    write_folder(town / "town", SIMPLE + "florr = 1", demand=DEMAND, candidates=SITES)
    with (town / "town/city.toml").open("a") as file:
        file.write("\n[handling]\nstop_s = 1\n")
    done = evenfleet("city", "check", "town", "--json", cwd=town, check=1)
    where = {finding["where"] for finding in json.loads(done.stdout)["errors"]}
    assert {"siting.florr", "depots", "handling.bike_s"} <= where


def test_a_front_tells_what_less_money_would_bring(town):
    _, _, talk = study(town, "--budget", 400, "--front")
    # A quarter of 400 pays for the site that serves 30, half of it for 20 more, three quarters for all.
    for share, cost, brought in (("25%", 100, 30), ("50%", 200, 50), ("75%", 300, 60)):
        assert f"tried for the front: {share} of the budget, floor 0%: cost {cost}, value {brought}" in talk


def test_a_front_tells_which_forced_sites_less_money_leaves_out(town):
    loaded, talk = load_study(str(town / "town"), ChangesModel(budget=200, force=["x", "z"]), cache_dir=None), []
    front = solve_study(loaded, SolveLimits(seconds=2), with_front=True, on_message=talk.append).study.front
    # 100 pay for one of the two.
    assert {(item.cost, len(item.left_out)) for item in front.points} >= {(100, 1), (200, 0)}
    (half,) = (line for line in talk if line.startswith("tried for the front: 50% of the budget, floor 0%"))
    assert half.endswith((", nothing at x", ", nothing at z"))


def test_the_study_itself_is_on_its_front_and_is_not_solved_again(town, monkeypatch):
    asked = []

    def noted(problem, limits, **given):
        asked.append(sum(phase.budget for phase in problem.wishes.phases))
        return solve(problem, limits, **given)

    monkeypatch.setattr("optimiser.siting.front.solve", noted)
    loaded = load_study(str(town / "town"), ChangesModel(budget=200, floor=0.5), cache_dir=None)
    study = solve_study(loaded, SolveLimits(seconds=2), with_front=True).study
    # Of 200 both districts get a site: x for the west and z for the east.
    told = [item for item in study.front.points if (item.cost, item.value) == (200, 40)]
    assert [(item.upper_bound, item.floor, item.missed) for item in told] == [(study.result.upper_bound, 0.5, ())]
    assert asked == [150, 100, 50]


def test_how_far_what_is_made_beside_a_study_has_come_is_told(town):
    loaded, told = load_study(str(town / "town"), ChangesModel(budget=200), cache_dir=None), []
    solve_study(loaded, SolveLimits(rounds=1), with_front=True, with_sensitivity=True, on_beside=told.append)
    # Four budgets and three floors, of which all money without a floor is the study itself; five runs of four kinds.
    steps = [(item.what, item.made, item.of) for item in told]
    assert steps == [*(("front", made, 12) for made in range(13)), *(("sensitivity", made, 20) for made in range(21))]


def test_what_is_asked_for_beside_the_study_is_on_stdout_as_json_too(town):
    summary, document, _ = study(town, "--budget", 250, "--front", "--sensitivity")
    assert summary["sensitivity"] == document["sensitivity"] is not None
    assert [point["cost"] for point in summary["front"]["points"]] == [
        point["cost"] for point in document["front"]["points"]
    ]
    assert not any("installations" in point for point in summary["front"]["points"])
    assert summary["front"]["knee"] == document["front"]["knee"]
    assert (summary["comparison"], summary["bike_nights"]) == (None, None)
    summary, _, _ = study(town, "--budget", 250)
    assert (summary["front"], summary["sensitivity"]) == (None, None)


def test_how_often_sites_stay_is_told(town):
    _, document, talk = study(town, "--budget", 250, "--sensitivity")
    told = document["sensitivity"]
    assert talk.count("tried for the sensitivity: ") == len(told["runs"]) == 20
    assert told["times_asked"] == {"demand": 5, "reach": 5, "budget": 5, "search": 5}
    # x serves half of everybody, and money for it is always there.
    assert told["times_chosen"]["x"]["demand"] == told["times_chosen"]["x"]["search"] == 5
    reach = [float(run["factors"].removeprefix("reach × ")) for run in told["runs"] if run["varied"] == "reach"]
    assert min(reach) < 1 < max(reach)
    done = evenfleet("site", "town", "--seconds", 1, "--sensitivity", "--output", "out", cwd=town)
    assert "chosen again in 80 % or more of 15 studies" in done.stdout.replace("\n", " ")


def test_sites_that_are_both_forced_and_banned_hide_no_unknown_ones(town):
    options = ("--force", "nope", "--ban", "nada", "--force", "x", "--ban", "x", "--ban", "a\tb", "--force", "nope")
    done = evenfleet("site", "town", *options, "--output", "out", cwd=town, check=1)
    told = done.stderr
    assert "4 errors" in told
    for text in ("both forced and banned: x", "there is no site nope", "there is no site nada", "control character"):
        assert text in told
    assert "there is no site x" not in told


@contextmanager
def begun_beside(folder, *options):
    """The process of a study that is too large for proof, as soon as it begins what is made beside the study itself."""
    words = ["site", "coquimbo", "--seconds", "6", "--output", "out", "--json", *options]
    with subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert any("the study itself is written to out" in line for line in process.stderr)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_what_is_made_beside_the_study_keeps_what_is_there(tmp_path, number):
    with begun_beside(tmp_path, "--sensitivity", "--front") as process:
        first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        process.send_signal(number)
        output, talk = process.communicate(timeout=60)
    assert process.returncode in {0, MUST_DO_LEFT}, talk
    alone, document = json.loads(first["study.json"]), json.loads((tmp_path / "out/study.json").read_text())
    assert {"report.html", "sites.csv", "servings.csv"} <= first.keys()
    assert alone["sensitivity"] is None
    assert alone["value"] == document["value"] == json.loads(output)["value"] > 0
    assert alone["stop_reason"] == document["stop_reason"] != "cancelled"
    assert len(document["sensitivity"]["runs"]) < 20


def test_a_study_whose_machine_goes_down_during_what_is_made_beside_it_is_there(tmp_path):
    with begun_beside(tmp_path, "--front") as process:
        process.kill()
    document = json.loads((tmp_path / "out/study.json").read_text())
    assert document["value"] > 0
    assert document["front"] is None
    assert "</html>" in (tmp_path / "out/report.html").read_text()


def test_sigterm_twice_at_once_keeps_what_is_there_as_well():
    with stop_on_interrupt() as asked:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_an_earlier_study_is_put_beside_this_one(town):
    _, then, _ = study(town, "--budget", 100)
    assert then["comparison"] is None
    # It is read before its folder is written anew.
    summary, now, _ = study(town, "--budget", 200, "--compare", "out")
    told = now["comparison"]
    assert summary["comparison"] == told
    assert (told["kept"], told["gained"], told["lost"]) == (["x"], ["y"], [])
    assert (told["value"], told["people_served"], told["cost"]) == ([30, 50], [30, 50], [100, 200])
    assert told["value"] == [then["value"], now["value"]]
    assert "Built now and not then" in (town / "out/report.html").read_text()
    # The earlier one is looked at in this study's phases.
    _, now, _ = study(town, "--budget", 120, "--phases", 2, "--ban", "x", "--compare", "out/study.json")
    told = now["comparison"]
    assert (told["kept"], told["gained"], told["lost"]) == (["y"], [], ["x"])
    assert told["value"] == [100, 20]
    done = evenfleet("site", "town", "--seconds", 1, "--compare", "out", "--output", "new", cwd=town)
    assert "1 site in both, 2 in this one only, 0 in the earlier one only" in " ".join(done.stdout.split())


def test_an_earlier_study_that_cannot_be_compared_is_refused_with_what_would_be_right(town):
    _, then, _ = study(town, "--sites", 1)

    def refused(document=None, path="out", **change):
        if document is not None:
            (town / "out/study.json").write_text(json.dumps({**document, **change}))
        done = evenfleet("site", "town", "--compare", path, "--output", "new", cwd=town, check=1)
        assert not (town / "new").exists()
        return done.stderr

    assert "a folder that `evenfleet site` has written" in refused(path="nowhere")
    assert "the earlier study is of Graz, not of Town (one of Town)" in refused(then, city={"name": "Graz"})
    (built_here,) = [site for site in then["sites"] if site["is_built"]]
    row = then["sites"].index(built_here)
    for change, told in (
        ({"site_id": "xx"}, f"/sites/{row}/site_id: the earlier study has site xx, which is not there"),
        ({"lon": 1.0}, "m from where the earlier study builds"),
        ({"new_plugs_by_phase": {"all at once": {"dc9": 1}}}, "has kind dc9, which is not there (there are ac11)"),
        ({"new_plugs_by_phase": {"2030": {"ac11": 1}}}, "has phase 2030, which is not there"),
        ({"new_plugs_by_phase": 3}, f"/sites/{row}/new_plugs_by_phase"),
    ):
        assert told in refused(
            then, sites=[{**built_here, **change} if site is built_here else site for site in then["sites"]]
        )
    grid = [{"id": "G", "upgraded_in": "all at once"}]
    assert "has grid node G, which is not there (there are none)" in refused(then, grid=grid)
    assert "format is 'another/1'" in refused(then, format="another/1")
    (town / "out/study.json").write_text("{")
    assert "is not JSON" in refused()


def test_all_that_does_not_fit_of_an_earlier_study_is_told_at_once_with_wrong_names_of_today(town):
    _, then, _ = study(town, "--sites", 3)
    at_x, at_y, at_z = then["sites"]
    unfit = {
        "sites": [
            {**at_x, "lon": 1.0},
            {**at_y, "site_id": "yy"},
            {**at_z, "new_plugs_by_phase": {"2030": {"dc9": 1}}},
        ],
        "grid": [{"id": "G", "upgraded_in": "all at once"}],
    }
    (town / "out/study.json").write_text(json.dumps({**then, **unfit}))
    options = ("--compare", "out", "--force", "xx", "--output", "new")
    told = evenfleet("site", "town", *options, cwd=town, check=1).stderr
    assert "siting study of town: 6 errors" in told
    for one in (
        "site x is 111,",
        "has site yy, which is not there",
        "has phase 2030, which is not there",
        "has kind dc9, which is not there",
        "has grid node G, which is not there",
        "there is no site xx",
    ):
        assert one in told


def test_what_cannot_be_of_an_earlier_study_hides_nothing_that_does_not_fit(town):
    _, then, _ = study(town, "--sites", 3)
    at_x, at_y, at_z = then["sites"]
    sites = [
        {**at_x, "new_plugs_by_phase": {"all at once": {"ac11": -3}}},
        {**at_y, "lon": 1.0},
        {**at_z, "site_id": "zz"},
    ]
    (town / "out/study.json").write_text(json.dumps({**then, "sites": sites, "grid": [{"id": 1}]}))
    told = evenfleet("site", "town", "--compare", "out", "--output", "new", cwd=town, check=1).stderr
    for one in (
        "/sites/0/new_plugs_by_phase/all at once/ac11: ac11 is -3",
        "/grid/0/upgraded_in",
        "/sites/1: site y is ",
        "/sites/2/site_id: the earlier study has site zz, which is not there",
    ):
        assert one in told


def test_towns_of_one_name_are_told_apart_by_their_ids(town):
    _, then, _ = study(town, "--sites", 1)
    assert then["city"]["id"] == "town"
    write_folder(town / "namesake", head=HEAD.replace('"town"', '"town-2"'), demand=DEMAND, candidates=SITES)
    write_folder(town / "renamed", head=HEAD.replace('"Town"', '"Old Town"'), demand=DEMAND, candidates=SITES)

    def compared(folder, check):
        options = ("--seconds", 1, "--compare", "out", "--output", "new")
        return evenfleet("site", folder, *options, cwd=town, check=check).stderr

    told = compared("namesake", 1)
    assert "/city/id: the earlier study is of Town with the id town, not of town-2" in told
    assert 'if it is the same town, let city.toml say id = "town"' in told
    compared("renamed", 0)
    # Studies of older versions tell no id.
    del then["city"]["id"]
    (town / "out/study.json").write_text(json.dumps(then))
    compared("namesake", 0)
    assert "the earlier study is of Town, not of Old Town (one of Old Town)" in compared("renamed", 1)


def test_what_is_odd_is_told_beside_what_is_wrong(town):
    odd = [{**row, "population": 5} for row in DEMAND]
    write_folder(town / "town", SIMPLE, demand=odd, candidates=SITES)
    # Found when all files have been read, and when one of them is wrong.
    done = evenfleet("site", "town", "--force", "xx", "--output", "out", cwd=town, check=1)
    assert "siting study of town: 1 error" in done.stderr
    assert "there is no site xx" in done.stderr
    assert "1 warning\n  demand.csv: the number of people is taken from weight" in done.stderr
    odd[0]["weight"] = "many"
    write_folder(town / "town", SIMPLE, demand=odd, candidates=SITES)
    done = evenfleet("site", "town", "--output", "out", cwd=town, check=1)
    assert "demand.csv: row 2, weight" in done.stderr
    assert "1 warning\n  demand.csv: the number of people is taken from weight" in done.stderr


def test_what_is_wrong_with_options_with_the_earlier_study_and_with_the_city_is_told_at_once(town):
    (town / "bad.json").write_text("{")

    def told(*options):
        done = evenfleet("site", "town", "--compare", "bad.json", *options, "--output", "out", cwd=town, check=1)
        assert not (town / "out").exists()
        return done.stderr

    found = told("--force", "xx", "--ban", "y")
    # The city itself is fine, and still the names in the options are looked for.
    assert "bad.json: line 1, column 2: is not JSON" in found
    assert "wishes: force: there is no site xx" in found
    assert "siting study of town: 2 errors" in found
    write_folder(town / "town", SIMPLE + "florr = 1", demand=[{**DEMAND[0], "weight": "many"}], candidates=SITES)
    found = told("--force", "x", "--ban", "x")
    assert "siting study of town: 4 errors" in found
    assert "both forced and banned: x" in found
    assert "bad.json: line 1, column 2: is not JSON" in found
    assert "city.toml: siting.florr: florr is not known here (did you mean floor?)" in found
    assert "demand.csv: row 2" in found


def test_an_unknown_city_is_told_with_those_that_are_known(tmp_path):
    done = evenfleet("site", "coquimb", cwd=tmp_path, check=1)
    assert "did you mean coquimbo?" in done.stderr


def test_people_get_a_table_of_phases_and_the_paths_of_the_files(town):
    done = evenfleet("site", "town", "--seconds", 1, "--output", "out", cwd=town)
    assert "all at once" in done.stdout
    assert "no plan can bring more than" in done.stdout
    assert "out/study.json" in done.stdout


def test_coquimbo_keeps_its_floors_and_its_money_and_is_as_good_as_it_was():
    loaded = load_study("coquimbo", ChangesModel())
    solved = solve_study(loaded, SolveLimits(seconds=5, seed=1))
    problem, result = solved.study.problem, solved.study.result
    assert len(problem.districts) == 8
    # All 451,899 people of the 133 zones, and a district for each of the points that they start from.
    assert sum(point.weight for point in problem.demand) == pytest.approx(451_899, abs=5)
    assert {point.district for point in problem.demand} == {district.id for district in problem.districts}
    assert {site.grid_node for site in problem.sites} <= {node.id for node in problem.grid}
    assert len(problem.wishes.phases) == 4
    assert len(problem.kinds) == 3
    assert result.conflicts == ()
    assert check(problem, result.plan) == ()
    assert value(problem, result.plan) == pytest.approx(result.value)
    assert 1_650_000 <= result.value <= result.upper_bound
    assert any("made up" in sentence for sentence in solved.study.synthetic)


def test_paris_keeps_the_chargers_that_stand():
    problem = solve_study(load_study("paris-8e"), SolveLimits(seconds=1, seed=1)).study.problem
    standing = [site for site in problem.sites if site.is_required]
    assert [site.source for site in standing] == ["existing"] * 5
    assert sum(sum(site.plugs.values()) for site in standing) == 24
    assert {segment.id for segment in problem.segments} == {"residents", "workers", "visitors"}
