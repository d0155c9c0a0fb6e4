"""docs/history.md names every column, every spelling and every code of a finding."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from scenarios.history.days import DATE, HOLIDAYS, WEATHER
from scenarios.history.problems import Problem
from scenarios.history.set_aside import FILE
from scenarios.history.spellings import STATUS_SPELLINGS, TRIP_SPELLINGS

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs" / "history.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
NAMED = set(re.findall(r"`([^`]+)`", PROSE))
TELLERS = {"error", "warning", "tell"}


def codes(path: Path) -> Iterator[str]:
    """First arguments of calls that tell a finding."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", "") in TELLERS:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield first.value


def test_every_code_is_on_the_page_and_no_other():
    found = {code for path in (ROOT / "scenarios" / "history").glob("*.py") for code in codes(path)}
    found |= {problem.code for problem in Problem}
    table = PAGE.split("## Findings")[1]
    listed = {
        code for row in re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE) for code in re.findall(r"`(\w+)`", row)
    }
    assert len(found) > 25
    assert found == listed


def test_every_spelling_is_on_the_page_in_its_order():
    for table in (STATUS_SPELLINGS, TRIP_SPELLINGS):
        for column, names in table.items():
            row = re.search(rf"^\| `{column}` \|.*\| (.*) \|$", PAGE, flags=re.MULTILINE)
            assert row is not None, column
            assert list(names[1:]) == re.findall(r"`(\w+)`", row[1])


def test_every_file_is_on_the_page():
    assert {DATE, HOLIDAYS, WEATHER, FILE} <= NAMED
