"""The peers of the location benchmark choose what is best, and one that is missing is told and stops nothing."""

from __future__ import annotations

import itertools
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from scenarios.benchmarks.pmedian import PMedianInstance
from tests.bench.location import measure_peer
from tests.bench.peers.location import answer


@pytest.fixture
def way():
    """Between seven places in a square, in whole units."""
    place = np.random.default_rng(3).integers(0, 100, (7, 2))
    return np.floor(np.hypot(*(place[:, None] - place[None, :]).transpose(2, 0, 1)))


@pytest.mark.parametrize("who", ["pulp-HiGHS", "pulp-CBC"])
def test_peers_choose_the_best_of_all(who, way):
    sites, said = answer(who, way, 3, 10.0)
    best = min(way[:, list(three)].min(axis=1).sum() for three in itertools.combinations(range(7), 3))
    assert best == way[:, sites].min(axis=1).sum()
    assert said == "Optimal"


def test_a_peer_is_measured_in_a_process_of_its_own(way):
    instance = PMedianInstance(name="seven", p=3, n=7, measure=partial(np.copy, way))
    sites, _ = answer("pulp-CBC", way, 3, 10.0)
    run = measure_peer("pulp-CBC", instance, python=sys.executable, seconds=10.0)
    assert run.cost == way[:, sites].min(axis=1).sum()
    assert run.cpu_s > 0
    assert run.memory_mb > 10


def test_a_peer_that_is_not_there_is_told(way, tmp_path):
    # A bare environment has neither PuLP nor spopt.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    instance = PMedianInstance(name="seven", p=3, n=7, measure=partial(np.copy, way))
    run = measure_peer("spopt-CBC", instance, python=str(tmp_path / "bare" / "bin" / "python"), seconds=1.0)
    assert run.cost is None
    assert run.status == "ModuleNotFoundError"
