"""Settings, commands, endpoints and errors of the service are documented, and nothing that is not there is."""

import ast
import re
from pathlib import Path

import pytest
import typer.main

from service.app import create_app
from service.cli import app as cli
from service.errors import every_error
from service.jobs.states import FailureCode, State
from service.outward.errors import REFUSALS
from service.settings import Settings
from service.webhooks.states import Disabled, EventType, Status

ROOT = Path(__file__).parents[2]
API = (ROOT / "docs/api.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()


def test_the_settings_table_lists_exactly_the_settings_with_their_defaults():
    expected = {
        f"EVENFLEET_{name.upper()}": f"`{field.default}`" if field.default != "" else "empty"
        for name, field in Settings.model_fields.items()
    }
    assert dict(re.findall(r"^\| `(EVENFLEET_\w+)` \| ([^|]+?) \|", OPERATIONS, flags=re.MULTILINE)) == expected


def test_every_setting_that_a_page_names_exists():
    named = set(re.findall(r"EVENFLEET_[A-Z_]+[A-Z]", API + OPERATIONS))
    assert named <= {f"EVENFLEET_{name.upper()}" for name in Settings.model_fields}


def test_the_error_table_lists_every_error_with_its_status():
    table = re.findall(r"^\| (\d{3}|other) \| `(\w+)` \|", API, flags=re.MULTILINE)
    ours = {(str(error.status), error.code) for error in every_error()}
    frame = {("405", "method_not_allowed"), ("500", "internal_error"), ("other", "http_error")}
    assert set(table) == ours | frame


def test_every_status_and_every_reason_of_failure_is_explained():
    for code in FailureCode:
        assert re.search(rf"^\| `{code}` \|", API, flags=re.MULTILINE), code
    for state in State:
        assert state in API
    for word in (*EventType, *Status, *Disabled):
        assert f"`{word}`" in API, word


def test_every_code_of_a_finding_that_the_service_makes_is_listed():
    made = set()
    parts = ("access", "plans", "jobs", "relocations", "schedules", "studies", "system", "webhooks")
    for path in [
        ROOT / "service/cursors.py",
        *(path for part in parts for path in (ROOT / "service" / part).glob("*.py")),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            is_finding = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if (
                is_finding
                and node.func.attr in ("error", "warning")
                and getattr(node.func.value, "id", "") == "findings"
            ):
                made.add(node.args[0].value)
    assert {"unknown_city", "no_worker"} <= made
    for code in made | REFUSALS | {"fetch_failed"}:
        assert f"`{code}`" in API, code


def test_every_endpoint_is_listed_and_every_listed_endpoint_exists(tmp_path):
    listed = set(re.findall(r"`(/[\w/.{}:-]+)`", API.split("## A first plan")[0]))
    paths = set(create_app(Settings(data_dir=tmp_path)).openapi()["paths"])
    assert listed - {"/docs", "/openapi.json"} == paths


@pytest.mark.parametrize("name", ["serve", "record"])
def test_every_option_of_what_runs_for_long_is_told(name):
    command = typer.main.get_command(cli).commands[name]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert command.callback.__name__ == name
    for option in options - {"--help", "-h", "--api", "city"}:
        assert option in OPERATIONS, option
