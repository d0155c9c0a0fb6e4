"""Nothing that runs what it reads reads anything: no pickles, no YAML, no `eval`, no XML without limits."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("optimiser", "scenarios", "service")
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml", "ruamel", "jsonpickle"}
MODULES |= {"xml.etree", "xml.sax", "xml.dom", "lxml"}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {"read_pickle", "read_hdf", "unsafe_load", "full_load", "load_module", "literal_eval"}
WORDS = MODULES | {f"{name}(" for name in CALLS} | METHODS | {"allow_pickle"} | {"from xml", "import xml"}
GATE = {"S102", "S301", "S302", "S307", "S313", "S314", "S317", "S318", "S319", "S506", "S602", "S605", "S608"}
"""Bandit's rules, as ruff has them: exec, pickle, marshal, eval, XML, YAML, shells, SQL."""


def harmful(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if any(name == module or name.startswith(f"{module}.") for module in MODULES):
                yield f"line {node.lineno}: import {name}"  # type: ignore[attr-defined]
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield f"line {node.lineno}: {node.func.id}()"
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            yield f"line {node.lineno}: .{node.func.attr}()"
        allowed = [key for key in node.keywords if key.arg == "allow_pickle"]
        if any(not (isinstance(key.value, ast.Constant) and key.value.value is False) for key in allowed):
            yield f"line {node.lineno}: allow_pickle"


def test_the_product_reads_nothing_that_could_run():
    found = [
        f"{path.relative_to(ROOT)}, {text}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        # Most files have none of the words, and need not be understood.
        if any(word in (source := path.read_text(encoding="utf-8")) for word in WORDS)
        for text in harmful(ast.parse(source))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from yaml import safe_load", "eval(x)", "pd.read_pickle(p)", "np.load(p, allow_pickle=True)"],
)
def test_the_search_finds_what_it_is_for(source: str):
    assert list(harmful(ast.parse(source)))


def test_lint_has_the_same_gate_for_the_whole_product():
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    ignored = set(lint["ignore"]).union(
        *(rules for name, rules in lint["per-file-ignores"].items() if "tests" not in name)
    )
    assert not {rule for rule in ignored if any(gate.startswith(rule) for gate in GATE)}
