"""docs/city-folder.md names every field of a city and every code of a finding."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.schema import CityModel
from scenarios.schema_fields import Part
from scenarios.tables import INFORMATION_COLUMNS, MUST_COLUMNS, STATUS_COLUMNS, TARGET_COLUMNS
from service.outward.errors import REFUSALS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "city-folder.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
NAMED = {span.strip("[]") for span in re.findall(r"`([^`]+)`", PROSE)}
TELLERS = {"error", "warning", "warn", "tell", "custom_error", "PydanticCustomError", "unavailable"}


def codes(path: Path) -> Iterator[str]:
    """First arguments of calls that tell a finding."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in TELLERS:
                first = node.args[0]
                branches = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                yield from (part.value for part in branches if isinstance(part, ast.Constant))


# Those of siting studies and of e-cars have pages of their own, and are there when their tests are run as well.
ELSEWHERE = ("scenarios.siting", "scenarios.relocation", "service.")
MODELS = [model for model in Part.__subclasses__() if not model.__module__.startswith(ELSEWHERE)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_is_on_the_page(model: type[Part]):
    names = {field.alias or name for name, field in model.model_fields.items()} - {"source"}
    assert names <= {part for name in NAMED for part in (name, name.rsplit(".", 1)[-1])}


def test_the_parts_of_a_city_are_among_those_looked_at():
    assert CityModel in MODELS
    assert len(MODELS) > 12


def test_every_column_is_on_the_page():
    columns = (INFORMATION_COLUMNS, STATUS_COLUMNS, TARGET_COLUMNS, MUST_COLUMNS)
    assert {name for table in columns for name in table.values()} <= NAMED


def test_every_code_is_on_the_page():
    service = ROOT / "service"
    files = [*(ROOT / "scenarios").glob("*.py"), service / "feeds.py", service / "cli" / "record.py"]
    files += (service / "recording").glob("*.py")
    found = {code for path in files for code in codes(path)}
    assert len(found) > 50
    assert not (found | REFUSALS) - NAMED
