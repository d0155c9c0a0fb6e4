"""Instances of the capacitated p-median: both forms read, refused with what is wrong, answers judged from scratch."""

import csv

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.capacitated import read_capacitated
from scenarios.benchmarks.judge_capacitated import judge_capacitated
from service.benchmarks import capacitated
from service.benchmarks.capacitated import problem_of
from tests.unit.scenarios.benchmarks.instances import PUBLIC

FLOORED = " 7 9\n 4 2 6\n 1 0 0 2\n 2 1 1 3\n 3 3 4 3\n 4 3 0 1\n"
STRAIGHT = "3 2\n 0 0 5 2\n 3 4 6 3\n 3.5 4 7 1\n"


def read(tmp_path, text, asked=None):
    path = tmp_path / "case.txt"
    path.write_text(text)
    return read_capacitated(path, Asked(row=asked or {}))


def test_ways_are_rounded_down_in_the_one_form(tmp_path):
    instance = read(tmp_path, FLOORED)
    assert (instance.n, instance.p, instance.is_floored) == (4, 2, True)
    assert instance.ways(0).tolist() == [0, 1, 5, 3]
    assert instance.demand.tolist() == [2, 3, 3, 1]
    assert instance.capacity.tolist() == [6, 6, 6, 6]


def test_ways_are_straight_and_capacities_differ_in_the_other(tmp_path):
    instance = read(tmp_path, STRAIGHT)
    assert (instance.n, instance.p, instance.is_floored) == (3, 2, False)
    assert instance.ways(1).tolist() == [5.0, 0.0, 0.5]
    assert instance.capacity.tolist() == [5, 6, 7]
    assert instance.demand.tolist() == [2, 3, 1]
    assert read(tmp_path, STRAIGHT, {"p": "3"}).p == 3


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        ("3 2\n", None, "holds 2 numbers"),
        (STRAIGHT.replace("3.5", "x"), None, "line 4: 'x' is no number"),
        (STRAIGHT.replace("3.5", "nan"), None, "is no number"),
        (STRAIGHT.replace("3 2\n", "4 2\n"), None, "4 customers need 18"),
        (FLOORED.replace("4 2 6", "4.5 2 6"), None, "n is 4.5"),
        (FLOORED.replace("4 2 6", "4 5 6"), None, "p is 5"),
        (FLOORED.replace("4 2 6", "4 2 -6"), None, "a capacity is -6"),
        (FLOORED.replace("3 3 4 3", "3 3 4 -3"), None, "line 5: a demand is -3"),
        (FLOORED.replace("3 3 4 3", "3 3 4 7"), None, "line 5: a demand is 7, the largest site has room for 6"),
        (FLOORED, {"p": "two"}, "p is two"),
        ("", None, "is empty"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, asked, told):
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, text, asked)
    (finding,) = refused.value.findings
    assert told in str(finding)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (STRAIGHT.replace("3.5", "x").replace("6 3", "6 y"), ["line 3: 'y' is no number", "line 4: 'x' is no number"]),
        (
            FLOORED.replace("1 1 3", "1 1 -3").replace("3 4 3", "3 4 7"),
            ["line 4: a demand is -3", "line 5: a demand is 7, the largest site has room for 6"],
        ),
    ],
)
def test_everything_wrong_with_a_file_and_with_the_row_that_asks_is_told(tmp_path, text, lines):
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, text, {"p": "0"})
    said = [str(finding).removeprefix(f"{tmp_path}/case.txt: ").split(" (")[0] for finding in refused.value.findings]
    assert said == [*lines, "p is 0"]


def test_the_form_is_the_one_that_the_list_names(tmp_path):
    assert read(tmp_path, FLOORED, {"format": "pmedcap"}).is_floored
    assert not read(tmp_path, STRAIGHT, {"format": "SJC"}).is_floored
    with pytest.raises(InvalidInput, match=r"the format is 'sjc', case\.txt looks like pmedcap"):
        read(tmp_path, FLOORED, {"format": "sjc"})


def test_far_pairs_are_left_out_of_large_instances(tmp_path, monkeypatch):
    instance = read(tmp_path, FLOORED)
    whole = problem_of(instance)
    assert whole.way.reshape(4, 4).tolist() == [instance.ways(one).tolist() for one in range(4)]
    assert whole.beyond is None
    monkeypatch.setattr(capacitated, "ALL_PAIRS", 1)
    monkeypatch.setattr(capacitated, "NEAREST", 2)
    monkeypatch.setattr(capacitated, "NEAREST_CLUSTERS", 0.0)
    near = problem_of(instance)
    assert np.diff(near.first).tolist() == [2, 2, 2, 2]
    assert near.site[:2].tolist() == [0, 1]
    for customer in range(4):
        left_out = np.delete(instance.ways(customer), near.site[2 * customer : 2 * customer + 2])
        assert near.beyond[customer] <= left_out.min()


RIGHT = {"cost": 3, "lower_bound": 3, "status": "proven"}
"""Sites 2 and 3: 1 and 2 at 2 (one to go), 3 at 3, 4 at 2 (sqrt(5), floor 2); loads 6 and 3."""
ASSIGNED = [2, 2, 3, 2]


def test_a_right_answer_is_without_fault(tmp_path):
    instance = read(tmp_path, FLOORED)
    assert () == judge_capacitated(instance, [2, 3], ASSIGNED, **RIGHT)
    assert () == judge_capacitated(instance, [2, 3], ASSIGNED, cost=3, lower_bound=2, status="bounded")


@pytest.mark.parametrize(
    ("sites", "assignment", "changed", "rule"),
    [
        ([2], [2, 2, 2, 2], {}, "site_count"),
        ([2, 5], ASSIGNED, {}, "known_sites"),
        ([2, 2], ASSIGNED, {}, "sites_once"),
        ([2, 3], [2, 2, 3], {}, "assigned_once"),
        ([2, 3], [2, 2, 3, 4], {}, "open_sites"),
        ([2, 3], [2, 2, 2, 3], {}, "site_capacity"),
        ([2, 3], ASSIGNED, {"cost": 2}, "cost"),
        ([2, 3], ASSIGNED, {"lower_bound": 4, "status": "bounded"}, "lower_bound"),
        ([2, 3], ASSIGNED, {"lower_bound": -1, "status": "bounded"}, "lower_bound"),
        ([2, 3], ASSIGNED, {"lower_bound": 2}, "status"),
        ([2, 3], ASSIGNED, {"status": "bounded"}, "status"),
    ],
)
def test_an_answer_wrong_by_one_is_found(tmp_path, sites, assignment, changed, rule):
    faults = judge_capacitated(read(tmp_path, FLOORED), sites, assignment, **(RIGHT | changed))
    assert rule in {fault.rule for fault in faults}


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="needs the public instances of ../shared/benchmarks")
def test_all_public_instances_are_read_with_the_p_of_their_list():
    folder = PUBLIC / "siting/capacitated"
    with (folder / "cases.csv").open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert listed
    for row in listed:
        instance = read_capacitated(folder / row["file"])
        assert (instance.p, instance.is_floored) == (int(row["p"]), row["format"] == "pmedcap")
        assert instance.demand.sum() <= np.sort(instance.capacity)[-instance.p :].sum()
