"""docs/cars.md tells what there is: every file, column, field, code of a finding and option of the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from scenarios.relocation.gbfs import FILES
from scenarios.relocation.loader import load_fleet
from scenarios.relocation.schema import CarFleetModel
from scenarios.relocation.tables import TABLES
from scenarios.schema_fields import Part
from service.cli import app
from tests.car_folders import VEHICLES, write_folder
from tests.unit.scenarios.test_city_folder_page import codes

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/cars.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
NAMED = {span.strip("[]") for span in re.findall(r"`([^`]+)`", PROSE)}
MODELS = [model for model in Part.__subclasses__() if model.__module__.startswith("scenarios.relocation")]
OF_CITY = {"id", "name", "time_zone", "currency", "streets", "max_snap_m", "on_far"}
"""Told in docs/city-folder.md."""


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_is_told(model):
    names = {field.alias or name for name, field in model.model_fields.items()}
    if model is CarFleetModel:
        names -= {*OF_CITY, *TABLES}
    assert names <= NAMED, names - NAMED


def test_the_parts_of_a_fleet_are_among_those_looked_at():
    assert CarFleetModel in MODELS
    assert len(MODELS) > 12


def test_every_file_and_every_column_is_told():
    for name, (_, table) in TABLES.items():
        assert f"{name}.csv" in PAGE
        assert set(table.columns.values()) <= NAMED
    for name in FILES:
        assert name in PAGE


def test_every_code_is_told():
    files = [
        *(ROOT / "scenarios/relocation").glob("*.py"),
        ROOT / "optimiser/relocating.py",
        ROOT / "service/relocator.py",
    ]
    files += (ROOT / "optimiser/relocation/problem").glob("*.py")
    found = {code for path in files for code in codes(path)}
    assert len(found) > 40
    assert not found - NAMED
    assert {f"unknown_{what}" for what in ("station", "car", "plug", "type", "place", "mode")} <= NAMED


def test_every_option_of_the_command_is_told():
    command = typer.main.get_command(app).commands["relocate"]
    for parameter in command.params:
        for option in parameter.opts:
            assert option == "city" or f"`{option}" in PAGE, option


def test_the_example_is_a_whole_one(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    files = {"cars.toml": example, "cars/cars.csv": VEHICLES}
    assert load_fleet(write_folder(tmp_path, files)).fleet.prices.lost_trip == 9
