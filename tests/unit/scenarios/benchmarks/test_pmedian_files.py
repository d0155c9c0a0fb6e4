"""Instances of the p-median: read as their authors meant them, refused with what is wrong, judged from scratch."""

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from scenarios.benchmarks.all_pairs import all_pairs
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.cases import find_cases
from scenarios.benchmarks.judge_pmedian import judge_pmedian
from scenarios.benchmarks.pmedian import APART, read_pmedian

GRAPH = "4 5 2\n1 2 9\n1 2 5\n2 3 1\n3 4 1\n1 4 3\n"
"""The second edge overwrites the first; 1 to 3 is shortest over 4."""
POINTS = "NAME : four\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 1.0e+00 1\n3 3 4\n4 3 0\nEOF\n"


def read(tmp_path, text, asked=None):
    path = tmp_path / "case.txt"
    path.write_text(text)
    return read_pmedian(path, Asked(row=asked or {}))


def test_a_graph_is_read_with_later_edges_over_earlier_ones(tmp_path):
    instance = read(tmp_path, GRAPH)
    assert (instance.n, instance.p) == (4, 2)
    assert instance.way.tolist() == [[0, 5, 4, 3], [5, 0, 1, 2], [4, 1, 0, 1], [3, 2, 1, 0]]


def test_a_graph_may_have_no_edge(tmp_path):
    instance = read(tmp_path, "2 0 2\n")
    assert (instance.n, instance.p) == (2, 2)
    assert instance.way.diagonal().tolist() == [0, 0]


def test_points_are_apart_by_the_floor_of_the_way(tmp_path):
    instance = read(tmp_path, POINTS, {"p": "1"})
    assert (instance.n, instance.p) == (4, 1)
    assert instance.way[0].tolist() == [0, 1, 5, 3]
    assert (instance.way == instance.way.T).all()


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        ("4 5\n1 2 9\n", None, "n m p"),
        ("4 2 2\n1 2 9\n", None, "holds 1 edges, m is 2"),
        ("4 0 4\n1 2 9\n", None, "holds 1 edges, m is 0"),
        ("4 1 2\n1 5 9\n", None, "a node is '5'"),
        ("4 1 2\n1 2 -9\n", None, "the length of an edge is '-9'"),
        ("4 1 2\n1 2\n", None, "is no edge"),
        (GRAPH, {"p": "5"}, "p is 5"),
        (GRAPH, {"p": "two"}, "p is two"),
        ("5 2 2\n1 2 3\n3 4 0\n", None, "p is 2, and no edge joins the 3 parts"),
        (POINTS, None, "no p is asked"),
        (POINTS.replace("3 4", "3 nan"), {"p": "1"}, "is no point"),
        ("NODE_COORD_SECTION\n", {"p": "1"}, "has 0 points"),
        ("99999 1 1\n1 2 3\n", None, "99,999 nodes"),
        ("", None, "is empty"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, asked, told):
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, text, asked)
    (finding,) = refused.value.findings
    assert told in str(finding)


@pytest.mark.parametrize(
    ("text", "row", "told"),
    [
        (
            "4 2 2\n1 2 -5\n1 x 3\n",
            {"p": "0"},
            [
                "case.txt: line 2: the length of an edge is '-5'",
                "case.txt: line 3: a node is 'x'",
                "list: row 7: p is 0",
            ],
        ),
        (
            POINTS.replace("3 4", "3").replace("3 0", "3 e"),
            {"p": "4.5"},
            ["case.txt: line 6: is no point i x y", "case.txt: line 7: is no point i x y", "list: row 7: p is 4.5"],
        ),
        (
            GRAPH,
            {"format": "tsplib_floor", "p": "9"},
            ["list: row 7: the format is 'tsplib_floor', case.txt looks like orlib", "list: row 7: p is 9"],
        ),
        (GRAPH, {"format": "dimacs"}, ["list: row 7: the format is 'dimacs'"]),
    ],
)
def test_everything_wrong_with_a_file_and_with_the_row_that_asks_is_told(tmp_path, text, row, told):
    path = tmp_path / "case.txt"
    path.write_text(text)
    with pytest.raises(InvalidInput) as refused:
        read_pmedian(path, Asked(row=row, source="list", where="row 7"))
    said = [str(finding).removeprefix(f"{tmp_path}/").split(" (")[0] for finding in refused.value.findings]
    assert said == told


def test_one_instance_may_be_asked_for_several_p(tmp_path):
    (tmp_path / "four.tsp").write_text(POINTS)
    (tmp_path / "cases.csv").write_text("file,p,value,status\nfour.tsp,1,8,proven\nfour.tsp,2,4,proven\n")
    for paths in ([tmp_path], [tmp_path / "cases.csv"], [tmp_path / "four.tsp"], [tmp_path, tmp_path / "four.tsp"]):
        cases = find_cases(paths, is_instance=lambda path: path.suffix == ".tsp")
        assert [(case.asked.get("p"), case.best_known) for case in cases] == [("1", 8.0), ("2", 4.0)]


RIGHT = {"cost": 2, "lower_bound": 2, "status": "proven"}
"""Sites 1 and 3 of the graph: 2 goes 1 to 3, 4 goes 1 to 3."""


def test_a_right_answer_is_without_fault(tmp_path):
    instance = read(tmp_path, GRAPH)
    assert () == judge_pmedian(instance, [1, 3], **RIGHT)
    assert () == judge_pmedian(instance, [1, 3], cost=2, lower_bound=1, status="bounded")


@pytest.mark.parametrize(
    ("sites", "changed", "rule"),
    [
        ([1], {}, "site_count"),
        ([1, 5], {}, "known_sites"),
        ([0, 3], {}, "known_sites"),
        ([3, 3], {}, "sites_once"),
        ([1, 3], {"cost": 3}, "cost"),
        ([1, 3], {"lower_bound": 3, "status": "bounded"}, "lower_bound"),
        ([1, 3], {"lower_bound": -1, "status": "bounded"}, "lower_bound"),
        ([1, 3], {"lower_bound": 1}, "status"),
        ([1, 3], {"status": "bounded"}, "status"),
    ],
)
def test_an_answer_wrong_by_one_is_found(tmp_path, sites, changed, rule):
    faults = judge_pmedian(read(tmp_path, GRAPH), sites, **(RIGHT | changed))
    assert rule in {fault.rule for fault in faults}


def test_ways_are_measured_once(tmp_path):
    instance = read(tmp_path, GRAPH)
    assert instance.way is instance.way
    assert np.isfinite(instance.way).all()


@pytest.mark.parametrize("longest", [3, 100, 10**8])
@pytest.mark.parametrize("seed", range(4))
def test_all_ways_are_as_short_as_over_any_nodes_one_after_the_other(seed, longest):
    # 90 nodes: more than one block, more than one look at how far the furthest is; some are not connected.
    random, n = np.random.default_rng(seed), 90
    direct = np.full((n, n), APART)
    one, other = random.integers(0, n - 2, (2, 60 + 100 * seed))
    direct[one, other] = direct[other, one] = random.integers(0, longest, len(one))
    np.fill_diagonal(direct, 0.0)
    shortest = direct.copy()
    for over in range(n):
        shortest = np.minimum(shortest, shortest[:, [over]] + shortest[over])
    assert (all_pairs(direct, apart=APART) == np.minimum(shortest, APART)).all()
    assert shortest[0, n - 1] == APART


def test_an_edge_told_the_other_way_round_overwrites_as_well(tmp_path):
    assert read(tmp_path, "2 3 1\n1 2 9\n2 1 5\n1 2 7\n").way.tolist() == [[0, 7], [7, 0]]
