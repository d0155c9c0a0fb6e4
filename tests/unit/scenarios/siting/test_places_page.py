"""docs/city-folder.md names every code that files of places may be told with, and every column that is looked for."""

import ast
import re
from pathlib import Path

from scenarios.siting.files.demand import WEIGHTS
from scenarios.siting.files.grid import HOSTING
from scenarios.siting.files.place_table import LAT, LON
from scenarios.siting.presets import SOURCES

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "city-folder.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
FILES = ROOT / "scenarios" / "siting" / "files"


def codes(path: Path) -> set[str]:
    """Codes of calls that tell a finding; those of features are handed the findings first."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"error", "warning", "warn"} and node.args:
            first = node.args[1] if getattr(node.args[0], "id", "") == "findings" else node.args[0]
            found |= {first.value} if isinstance(first, ast.Constant) else set()
        if isinstance(node, (ast.Yield, ast.Return)) and isinstance(node.value, ast.Tuple) and node.value.elts:
            first = node.value.elts[0]
            found |= {first.value} if isinstance(first, ast.Constant) and isinstance(first.value, str) else set()
    return found


def test_every_code_is_on_the_page():
    found = set().union(*(codes(path) for path in FILES.glob("*.py")))
    assert len(found) > 40
    assert not found - NAMED


def test_every_column_and_source_is_on_the_page():
    names = {*WEIGHTS, *HOSTING, *LON, *LAT, *SOURCES} - {"long", "existing"}
    assert not names - NAMED
