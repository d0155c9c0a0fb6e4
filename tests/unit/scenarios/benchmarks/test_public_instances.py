"""Every public instance that lies beside the product is read, with the counts that its list tells."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from scenarios.benchmarks.brp import read_brp
from scenarios.benchmarks.nyc import read_nyc
from tests.unit.scenarios.benchmarks.instances import PUBLIC

pytestmark = pytest.mark.skipif(not PUBLIC.is_dir(), reason="needs the public instances of ../shared/benchmarks")


def test_all_brp_instances_have_the_vertices_and_the_capacity_that_their_list_tells():
    with (PUBLIC / "brp/best_known.csv").open(newline="") as file:
        listed = {row["instance"]: row for row in csv.DictReader(file)}
    read = {path.stem: read_brp(path) for path in (PUBLIC / "brp").glob("*.txt")}
    assert 45 == len(read)
    assert set(listed) == set(read)
    for name, instance in read.items():
        assert (int(listed[name]["vertices"]), int(listed[name]["capacity"])) == (instance.n, instance.capacity), name


@pytest.mark.parametrize("folder", ["3-1-SmallCase", "3-2-MiddleCase"])
def test_all_new_york_instances_of_the_small_and_middle_cases_are_read(folder):
    paths = sorted((PUBLIC / "nyc_2017" / folder).glob("*.csv"))
    assert paths
    for path in paths:
        instance, rows = read_nyc(path), [line for line in path.read_text().splitlines()[1:] if line.strip()]
        assert len({row.split(",")[0] for row in rows}) == len(instance.ids)
        # Rows of one station agree in sign, so their sum loses nothing.
        assert sum(abs(int(row.split(",")[3])) for row in rows) == int(np.abs(instance.target).sum())
