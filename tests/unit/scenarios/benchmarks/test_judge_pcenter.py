"""Answers to the p-center judged from scratch."""

import pytest

from scenarios.benchmarks.judge_pcenter import judge_pcenter
from tests.unit.scenarios.benchmarks.test_pmedian_files import GRAPH, read

RIGHT = {"cost": 1, "lower_bound": 1, "status": "proven"}
"""Sites 1 and 3 of the graph: 2 and 4 go 1 to 3."""


def test_a_right_answer_is_without_fault(tmp_path):
    instance = read(tmp_path, GRAPH)
    assert () == judge_pcenter(instance, [1, 3], **RIGHT)
    assert () == judge_pcenter(instance, [2, 3], cost=4, lower_bound=1, status="bounded")


@pytest.mark.parametrize(
    ("sites", "changed", "rule"),
    [
        ([1], {}, "site_count"),
        ([1, 5], {}, "known_sites"),
        ([0, 3], {}, "known_sites"),
        ([3, 3], {}, "sites_once"),
        ([1, 3], {"cost": 2}, "cost"),
        ([1, 3], {"cost": 0}, "cost"),
        ([1, 3], {"lower_bound": 2, "status": "bounded"}, "lower_bound"),
        ([1, 3], {"lower_bound": -1, "status": "bounded"}, "lower_bound"),
        ([1, 3], {"lower_bound": 0}, "status"),
        ([1, 3], {"status": "bounded"}, "status"),
    ],
)
def test_an_answer_wrong_by_one_is_found(tmp_path, sites, changed, rule):
    faults = judge_pcenter(read(tmp_path, GRAPH), sites, **(RIGHT | changed))
    assert rule in {fault.rule for fault in faults}
