"""docs/siting.md tells what there is: every field, every preset with its figures, every option of the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from scenarios.siting.presets import KINDS, SEGMENTS, SOURCES
from scenarios.siting.schema import (
    EmissionsModel,
    KindModel,
    NightsModel,
    PhaseModel,
    ScenarioModel,
    SegmentModel,
    SitingModel,
    SourceModel,
)
from service.cli import app
from tests.unit.scenarios.test_city_folder_page import codes

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/siting.md").read_text(encoding="utf-8")


def told(value):
    return "/".join(value) if isinstance(value, tuple) else f"{value:,g}"


@pytest.mark.parametrize("presets", [KINDS, SEGMENTS, SOURCES])
def test_every_preset_stands_in_a_table_with_its_figures(presets):
    columns = [name for name in next(iter(presets.values())) if name not in ("name", "profile")]
    header = next(
        line
        for line in PAGE.splitlines()
        if line.startswith("|") and {*columns} == {*re.findall(r"(\w+) \|", line)[1:]}
    )
    order = re.findall(r"(\w+) \|", header)[1:]
    for id_, values in presets.items():
        assert f"| `{id_}` | {' | '.join(told(values[name]) for name in order)} |" in PAGE


@pytest.mark.parametrize(
    "model", [SitingModel, KindModel, SegmentModel, SourceModel, PhaseModel, ScenarioModel, EmissionsModel, NightsModel]
)
def test_every_field_is_told(model):
    table = PAGE.split("| field of `[siting]`")[1].split("Sessions join a queue")[0]
    for name in model.model_fields:
        assert re.search(rf"`(\[+siting\.)?{name}(\.NAME)?(\]+)?`", table), name


def test_every_option_of_the_command_is_told():
    command = typer.main.get_command(app).commands["site"]
    for parameter in command.params:
        for option in parameter.opts:
            assert option == "city" or f"`{option}" in PAGE, option


def test_every_code_is_told():
    files = [
        *(ROOT / "scenarios/siting").glob("*.py"),
        ROOT / "service/siter.py",
        *(ROOT / "service").glob("*weigher.py"),
    ]
    found = {code for path in files for code in codes(path)}
    assert len(found) > 10
    assert not found - set(re.findall(r"`(\w+)`", PAGE.split("## Codes")[1]))
