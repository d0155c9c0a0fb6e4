"""The command as a user types it: exit codes, data on stdout, talk on stderr, files that can be replayed."""

import contextlib
import csv
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.town import write_town
from tests.unit.reporting.replayer import replay_plan

FILES = ["plan.json", "routes.geojson", "route_sheet.csv", "unserved.json", "report.html"]
COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]


def evenfleet(*words: object, cwd: Path, check: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=cwd,
        env=environment(cwd),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert check is None or check == done.returncode, done.stderr
    return done


def environment(folder: Path) -> dict[str, str]:
    root = Path(__file__).parents[2]
    return os.environ | {"EVENFLEET_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(root), "COLUMNS": "200"}


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    done = evenfleet("plan", "paris-8e", "--rounds", 500, "--output", "night", "--json", cwd=folder)
    return folder, done


def test_plan_writes_its_five_files_and_prints_one_json_document(planned):
    folder, done = planned
    summary = json.loads(done.stdout)
    assert [f"night/{name}" for name in FILES] == summary["files"]
    plan = json.loads((folder / "night/plan.json").read_text())
    assert plan["objective"] == summary["objective"] < summary["kpis"]["after"]["total_cost_before"]
    assert plan["input_hash"] == summary["input_hash"]
    assert 0 <= summary["gap"] < 1


def test_what_is_made_up_is_said_in_every_output(planned):
    folder, _ = planned
    for name in FILES:
        assert "made up from a seed" in (folder / "night" / name).read_text(encoding="utf-8"), name


def test_talk_goes_to_stderr_with_objective_bound_and_gap(planned):
    _, done = planned
    assert re.search(r"cost [\d,]+ EUR  bound [\d,]+  gap [\d.]+%", done.stderr)
    assert re.search(r"kept \d+ nodes, .* of streets reach each other; dropped \d+ nodes", done.stderr)


def test_on_a_terminal_a_live_line_shows_seconds_cost_bound_and_gap(tmp_path):
    ours, theirs = pty.openpty()
    words = ["plan", "paris-8e", "--seconds", "1", "--output", "night"]
    with subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, env=environment(tmp_path) | {"TERM": "xterm"}, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        # Reading from a terminal whose other end is gone is an error on Linux, an empty answer elsewhere.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 4096):
                shown += piece
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert 0 == process.returncode, text
    assert re.search(r"seconds of 1 +cost \(EUR\) +no plan below +gap\s+[\d.]+ +[\d,]+ +[\d,]+ +[\d.]+%", text)


def test_the_same_steps_and_seed_give_the_same_plan(planned):
    folder, _ = planned
    evenfleet("plan", "paris-8e", "--rounds", 500, "--output", "again", cwd=folder)
    first, second = (json.loads((folder / name / "plan.json").read_text()) for name in ("night", "again"))
    assert first["routes"] == second["routes"]
    assert first["input_hash"] == second["input_hash"]


def test_the_route_sheet_agrees_with_the_plan(planned):
    folder, _ = planned
    plan = json.loads((folder / "night/plan.json").read_text())
    with (folder / "night/route_sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    stops = sum(len(route["stops"]) for route in plan["routes"])
    assert stops + 2 * len(plan["routes"]) == len(rows)


def test_people_get_tables_and_the_paths_of_the_files(tmp_path):
    done = evenfleet("demo", "--seconds", 1, "--output", "night", cwd=tmp_path)
    assert "Expected lost trips" in done.stdout
    assert "No plan can cost less than" in done.stdout
    for name in FILES:
        assert f"night/{name}" in done.stdout
        assert (tmp_path / "night" / name).stat().st_size > 0


def test_ctrl_c_keeps_the_best_plan(tmp_path):
    with subprocess.Popen(
        [*COMMAND, "plan", "goteborg", "--seconds", "100", "--output", "night"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "gap" in line:
                process.send_signal(signal.SIGINT)
                break
        output, _ = process.communicate(timeout=60)
    assert 0 == process.returncode
    assert "cancelled" in output
    assert "cancelled" == json.loads((tmp_path / "night/plan.json").read_text())["stop_reason"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["plan", "gotheborg"], 1, "did you mean goteborg?"),
        (["plan", "goteborg", "--as-of", "tuesday"], 1, "write it like 2026-11-22T21:00:00+01:00"),
        (["plan", "goteborg", "--seconds", "0"], 2, "--seconds"),
        (["plan"], 2, "Missing argument"),
        (["plane"], 2, "No such command"),
    ],
)
def test_what_is_wrong_is_said_on_stderr_and_by_the_exit_code(words, code, says, tmp_path):
    done = evenfleet(*words, cwd=tmp_path, check=code)
    assert says in done.stderr
    assert "" == done.stdout
    assert "Traceback" not in done.stderr


WISHES = """
[[station_rules]]
stations = ["B"]
forbidden = true

[[zones]]
id = "everywhere"
stations = ["A", "B", "C", "D", "E", "F"]
floor = 90
"""


def test_must_do_work_left_undone_ends_with_3_after_all_files_are_written(tmp_path):
    town = write_town(tmp_path / "town", history=None)
    with (town / "city.toml").open("a") as file:
        file.write(WISHES)
    # Nobody may stop at B. E holds 9 bikes already.
    (town / "musts.csv").write_text("station_id,visit,low,broken\nB,yes,,2\nE,,1,\n")
    done = evenfleet("plan", town, "--rounds", 50, "--output", "night", "--json", cwd=tmp_path, check=3)
    told = [line for line in done.stderr.splitlines() if line.startswith(("must-do", "missed"))]
    # 43 bikes are all there are.
    assert told == [
        "must-do work left: Station B (B): a visit, nobody comes",
        "must-do work left: Station B (B): 2 broken bikes taken home, 2 left in the street",
        "missed: zone everywhere: 90 at least, opens with 43, 47 short",
    ]
    summary = json.loads(done.stdout)
    assert [(entry["station_id"], entry["kind"], entry["missing"]) for entry in summary["must_do_left"]] == [
        ("B", "visit", 1),
        ("B", "broken", 2),
    ]
    assert [(zone["zone_id"], zone["short"]) for zone in summary["zones_missed"]] == [("everywhere", 47)]
    assert [f"night/{name}" for name in FILES] == summary["files"]
    for name in FILES:
        assert (tmp_path / "night" / name).stat().st_size > 0
    found = replay_plan((tmp_path / "night/plan.json").read_text())
    assert found["held"]["B"] == 16


WHOLE_NIGHT = """
[[station_rules]]
stations = ["A", "C"]
needs = ["key"]
open = ["06:00", "03:00"]

[[station_rules]]
stations = ["D"]
pick_up = false
once = true

[[zones]]
id = "centre"
stations = ["A", "C"]
floor = 6
cap = 20
"""
WHOLE_VAN = """
batteries = 6
range_km = 120
skills = ["key"]
break = { minutes = 30, earliest = "23:30", latest = "02:30" }
"""


def test_a_folder_with_everything_in_it_is_planned_and_replayed(tmp_path):
    town = write_town(tmp_path / "town", history=None)
    toml = (town / "city.toml").read_text()
    toml = toml.replace('shift = ["22:00", "05:30"]', 'shift = ["22:00", "05:30"]' + WHOLE_VAN)
    toml = toml.replace("lat = 59.911", "lat = 59.911\nstock = 8\nroom = 30")
    toml = toml.replace("bike_s = 45", "bike_s = 45\nswap_s = 80\ndepot_s = 200")
    toml = toml.replace(
        "van_use = 10.0", "van_use = 10.0\nswap = 1\nbroken_left = 20\nmust = 300\nzone_bike = 5\nfairness = 2"
    )
    (town / "city.toml").write_text(toml + WHOLE_NIGHT)
    (town / "station_status.csv").write_text(
        "station_id,bikes,docks,bikes_disabled\nA,0,10,2\nB,14,0,2\nC,3,17,0\nD,12,2,0\nE,9,9,0\nF,1,8,1\n"
    )
    bikes = [{"vehicle_id": f"b{number}", "station_id": "B", "current_fuel_percent": 0.05} for number in range(4)]
    bikes += [{"vehicle_id": "f1", "station_id": "F", "is_disabled": True}]
    (town / "vehicle_status.json").write_text(json.dumps({"data": {"vehicles": bikes}}))
    (town / "musts.csv").write_text("station_id,visit,low,high,swaps,broken\nA,,3,,,1\nB,yes,,12,2,\nC,,1,20,,\n")
    done = evenfleet("plan", town, "--rounds", 300, "--output", "night", "--json", cwd=tmp_path, check=None)
    summary = json.loads(done.stdout)
    assert done.returncode == (3 if summary["must_do_left"] else 0), done.stderr
    text = (tmp_path / "night/plan.json").read_text()
    replay_plan(text)
    plan = json.loads(text)
    stations = {station["station_id"]: station for station in plan["stations"]}
    # B: 14 bikes, 4 of them low, 2 broken, no free dock: 10 ready ones fit while six docks are blocked.
    told = ("capacity", "bikes_before", "low_charge_before", "broken_before")
    assert [stations["B"][name] for name in told] == [10, 10, 4, 2]
    assert [stations["F"][name] for name in told] == [9, 1, 0, 1]
    assert len(stations["B"]["lost_trips_by_freed_docks"]) == 6
    assert stations["A"]["rules"]["needs"] == ["key"]
    assert [(entry["station_id"], entry["kind"]) for entry in plan["must_do"]] == [
        ("A", "low"),
        ("A", "broken"),
        ("B", "visit"),
        ("B", "high"),
        ("B", "swaps"),
        ("C", "low"),
        ("C", "high"),
    ]
    assert plan["vans"][0]["break"]["earliest"] == "2026-11-15T23:30:00+01:00"
    assert (plan["depots"][0]["stock"], plan["depots"][0]["room"]) == (8, 30)
    assert "Must-do work and zones" in (tmp_path / "night/report.html").read_text()


def test_must_do_work_that_is_done_ends_with_0(tmp_path):
    town = write_town(tmp_path / "town", history=None)
    (town / "musts.csv").write_text("station_id,low\nE,1\n")
    done = evenfleet("plan", town, "--rounds", 50, "--output", "night", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["must_do_left"] == []
    assert "must-do" not in done.stderr


def test_the_doctor_finds_a_healthy_house(tmp_path):
    done = evenfleet("doctor", cwd=tmp_path)
    lines = done.stdout.strip().splitlines()
    assert len(lines) >= 7
    assert all(line.startswith("ok") for line in lines)


def test_the_doctor_says_what_is_ill(tmp_path):
    (tmp_path / "data").write_text("a file where a folder should be")
    done = evenfleet("doctor", cwd=tmp_path, check=1)
    assert re.search(r"^FAIL +disk", done.stdout, flags=re.MULTILINE)


def test_another_moment_moves_the_night_and_says_so(tmp_path):
    words = ["plan", "paris-8e", "--as-of", "2026-06-01T20:00", "--rounds", 100, "--output", "night"]
    done = evenfleet(*words, cwd=tmp_path)
    assert "is taken as the state at 2026-06-01T20:00:00+02:00" in done.stderr
    assert "2026-06-01" in json.loads((tmp_path / "night/plan.json").read_text())["night_start"]
