"""docs/benchmark-files.md tells what benchmarks of sites read and write: each example is solved as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scenarios.benchmarks import capacitated, cases, flow_files, mclp, pmedian
from service.benchmarks import siting
from tests.unit.scenarios.benchmarks.test_flow_files import sheet_of, write_book

PAGE = (Path(__file__).parents[2] / "docs/benchmark-files.md").read_text(encoding="utf-8")
TASKS = {
    "pmedian": siting.pmedian_tasks,
    "pcenter": siting.pcenter_tasks,
    "mclp": siting.mclp_tasks,
    "capacitated": siting.capacitated_tasks,
    "flow": siting.flow_tasks,
}
FORMS = (pmedian.ORLIB, pmedian.TSPLIB, mclp.CITY, mclp.PLANAR, capacitated.PMEDCAP, capacitated.SJC, *flow_files.FORMS)


def example(kind: str) -> dict[str, str]:
    """Files of a kind's example, and its results, by name."""
    part = PAGE.split(f"### {kind}\n")[1].split("\n### ")[0]
    return dict(re.findall(r"```\w+ (\S+)\n(.*?)```", part, flags=re.DOTALL))


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if path.suffix == ".xlsx":
            write_book(path, sheet_of([[float(cell) for cell in line.split(",")] for line in text.splitlines()]))
        else:
            path.write_text(text)


@pytest.mark.parametrize("kind", TASKS)
def test_each_example_is_solved_as_it_stands(tmp_path: Path, kind: str):
    files = example(kind)
    told = [json.loads(line) for line in files.pop("results").splitlines()]
    write(tmp_path, files)
    tasks = TASKS[kind]([str(tmp_path)], seconds=60, seed=1)
    judged = [task.solve() for task in tasks]
    assert [one.faults for one in judged] == [()] * len(told)
    solved = [{name: value for name, value in one.entry.items() if name != "seconds"} for one in judged]
    assert solved == told
    known = [task.best_known for task in tasks if task.best_known is not None]
    assert known in ([], [entry.get("cost", entry.get("covered")) for entry in told])


@pytest.mark.parametrize("kind", TASKS)
def test_the_table_tells_the_fields_of_each_result(kind: str):
    row = next(
        line for line in PAGE.split("## Results")[1].splitlines() if re.match(rf"\|.*`{kind}`.*\| `instance", line)
    )
    told = re.findall(r"`(instance[^`]*)`", row)[0].split(", ")
    (first, *_) = example(kind)["results"].splitlines()
    assert [name for name in told if name != "seconds"] == list(json.loads(first))


def test_every_form_and_every_column_is_told():
    for form in FORMS:
        assert re.search(rf"^\|[^|]*\| `{form}` \|", PAGE, flags=re.MULTILINE), form
    columns = PAGE.split("## The list")[1].split("## Formats")[0]
    for name in (*cases.NAMES, *cases.VALUES, "p", "radius", "params", "range", "format"):
        assert f"`{name}`" in columns, name
    assert f"{mclp.EARTH_M:,.0f} m" in PAGE
    for ending in siting.ENDINGS:
        assert f"`{ending}`" in PAGE
