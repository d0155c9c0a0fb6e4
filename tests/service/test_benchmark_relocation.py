"""`evenfleet benchmark relocation` over a night that comes along."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

import scenarios
from scenarios.benchmarks.judge_relocation import judge_relocation
from scenarios.benchmarks.relocation_files import read_relocation
from service.cli import app

NIGHT = Path(scenarios.__file__).parent / "benchmarks" / "nights" / "paris-8e-small-1.json"


def test_the_answer_is_judged_and_written_beside_simpler_plans(tmp_path):
    output = tmp_path / "cars.json"
    words = ["benchmark", "relocation", NIGHT, "--seconds", 2, "--seed", 1, "--output", output]
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.output
    (entry,) = json.loads(output.read_text())["results"]
    keys = ["instance", "cost", "lower_bound", "gap", "seconds", "stop_reason", "plan", "baselines"]
    assert keys == list(entry)
    assert "paris-8e-small-1" == entry["instance"]
    claimed = {"cost": entry["cost"], "lower_bound": entry["lower_bound"]}
    assert () == judge_relocation(read_relocation(NIGHT).document, entry["plan"], **claimed)
    assert {"nothing", "greedy", "ortools"} == entry["baselines"].keys()
    assert entry["lower_bound"] <= entry["cost"] <= entry["baselines"]["nothing"]
    assert max(entry["baselines"].values()) == entry["baselines"]["nothing"]


def test_a_file_that_is_no_night_is_told(tmp_path):
    (tmp_path / "x.json").write_text('{"format": "evenfleet-relocation-1"}')
    done = CliRunner().invoke(app, ["benchmark", "relocation", str(tmp_path / "x.json")])
    assert done.exit_code == 1
    assert "has no cars" in done.output
