"""Benchmarks compile, or load, all that they need before the clock of their first instance starts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import scenarios
from tests.service.test_study_warm_up import said
from tests.unit.scenarios.benchmarks.instances import write_meridian, write_square


def write_points(folder: Path, *, head: str, row: str, count: int = 60) -> None:
    """Places at random in a square, one a line, each asked of as the list says."""
    places = np.random.default_rng(1).integers(0, 1000, (count, 2))
    lines = [row.format(number=number, x=x, y=y) for number, (x, y) in enumerate(places, start=1)]
    (folder / "case.txt").write_text("\n".join([head, *lines, ""]))


def write_pmedian(folder: Path) -> None:
    write_points(folder, head="NODE_COORD_SECTION", row="{number} {x} {y}")
    (folder / "cases.csv").write_text("file,p\ncase.txt,5\n")


def write_mclp(folder: Path) -> None:
    write_points(folder, head="60 60", row="F {number} {x} {y} 1\nC {number} {y} {x} {number}")
    (folder / "cases.csv").write_text("file,p,radius\ncase.txt,5,120\n")


def write_capacitated(folder: Path) -> None:
    write_points(folder, head="1 0\n60 5 150", row="{number} {x} {y} 10")
    (folder / "cases.csv").write_text("file,p\ncase.txt,5\n")


def write_flow(folder: Path) -> None:
    """A ring of thirty nodes; everybody drives to everybody within twelve links."""
    end = "<END OF METADATA>\n"
    links = "".join(f"{node} {node % 30 + 1} 9 1 ;\n" for node in range(1, 31))
    trips = "".join(
        f"Origin {node}\n" + "".join(f"{(node + way) % 30 + 1} : {way}; " for way in range(1, 12)) + "\n"
        for node in range(1, 31)
    )
    (folder / "ring").mkdir()
    (folder / "ring/ring_net.tntp").write_text(f"<NUMBER OF NODES> 30\n<NUMBER OF LINKS> 30\n{end}{links}")
    (folder / "ring/ring_trips.tntp").write_text(end + trips)
    (folder / "cases.csv").write_text("instance,p,params\nring_R8_p3,3,range=8\n")


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        ("pmedian", write_pmedian),
        ("pcenter", write_pmedian),
        ("mclp", write_mclp),
        ("capacitated", write_capacitated),
        ("flow", write_flow),
    ],
)
def test_nothing_is_compiled_while_the_clock_runs(tmp_path: Path, kind: str, write):
    write(tmp_path)
    told = said(
        f"""
        from service.benchmarks.siting import {kind}_tasks

        (task,) = {kind}_tasks([{str(tmp_path)!r}], seconds=3, seed=1)
        before = compiled()
        faults = task.solve().faults
        print(len(before) > 0, faults, sorted(compiled() - before))
        """
    )
    assert told == "True () []\n"


@pytest.mark.parametrize(
    ("module", "tasks", "of"),
    [
        ("routing", "routing_tasks", "{folder}/square.txt"),
        ("routing", "routing_tasks", "{folder}/meridian.csv"),
        ("relocation", "relocation_tasks", "{nights}/paris-8e-small-1.json"),
        ("cities", "city_tasks", "paris-8e"),
    ],
)
def test_nor_is_it_for_nights(tmp_path: Path, module: str, tasks: str, of: str):
    write_square(tmp_path)
    write_meridian(tmp_path)
    asked = of.format(folder=tmp_path, nights=Path(scenarios.__file__).parent / "benchmarks/nights")
    told = said(
        f"""
        from functools import partial
        from service.benchmarks.{module} import {tasks}
        from service.planner import plan_city

        more = {{"plan": partial(plan_city, cache_dir=None)}} if {module!r} == "cities" else {{}}
        (task,) = {tasks}([{asked!r}], seconds=3, seed=1, **more)
        before = compiled()
        faults = task.solve().faults
        print(len(before) > 0, faults, sorted(compiled() - before))
        """
    )
    assert told == "True () []\n"
