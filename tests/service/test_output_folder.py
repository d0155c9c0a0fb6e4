"""A folder that nothing can be written into is told before the work, whatever command is to write into it."""

import pytest

from service.cli.files import try_folder
from tests.service.test_cli_plan import evenfleet
from tests.siting_folders import write_folder

COMMANDS = {
    "site": ["nowhere"],
    "plan": ["nowhere"],
    "plan --all": ["nowhere"],
    "relocate": ["nowhere"],
    "backtest": ["nowhere", "--from", "2026-01-01", "--to", "2026-01-02"],
    "revise": ["nowhere", "plan", "told.json"],
    "demo": [],
}
UNWRITABLE = ["file", "file/out", "/proc/out", "/dev/null"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_it_before_anything_is_read(tmp_path, command):
    (tmp_path / "told.json").write_text("{}")
    (tmp_path / "file").write_text("")
    # No such city: who reads first tells that.
    done = evenfleet(*command.split(), *COMMANDS[command], "--output", "file/out", cwd=tmp_path, check=1)
    assert "output: 1 error" in done.stderr
    assert "file/out: no files can be written into it: Not a directory (name a folder that can be" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("output", UNWRITABLE)
def test_a_study_is_not_searched_for_nothing(tmp_path, output):
    demand = [{"id": "a", "at": 0, "weight": 30}]
    write_folder(tmp_path / "town", demand=demand, candidates=[{"id": "x", "at": 1}])
    (tmp_path / "file").write_text("")
    done = evenfleet("site", "town", "--seconds", 1, "--output", output, cwd=tmp_path, check=1)
    assert "no files can be written into it" in done.stderr
    assert "demand points" not in done.stderr


def test_a_place_for_all_studies_that_is_a_file_is_told_too(tmp_path):
    (tmp_path / "studies").write_text("")
    done = evenfleet("site", "nowhere", cwd=tmp_path, check=1)
    assert "studies: no files can be written into it: File exists" in done.stderr


def test_a_try_leaves_nothing_behind(tmp_path):
    (tmp_path / "there").mkdir()
    for name in ("there", "new", "a/b/c"):
        try_folder(tmp_path / name)
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


def test_no_map_of_an_earlier_study_stays_beside_a_later_one(tmp_path):
    write_folder(tmp_path / "town", demand=[{"id": "a", "at": 0, "weight": 30}], candidates=[{"id": "x", "at": 1}])
    out = tmp_path / "out"
    out.mkdir()
    (out / "districts.geojson").write_text("of somebody")
    evenfleet("site", "town", "--seconds", 1, "--output", "out", cwd=tmp_path)
    assert (out / "districts.geojson").read_text() == "of somebody"
    (out / "notes.geojson").write_text("of somebody")
    evenfleet("site", "town", "--seconds", 1, "--output", "out", cwd=tmp_path)
    assert {path.name for path in out.glob("*.geojson")} == {"sites.geojson", "demand.geojson", "notes.geojson"}
