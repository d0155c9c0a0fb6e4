"""What is claimed of a choice of sites, broken by one thing each."""

import math

import pytest

from scenarios.benchmarks.sites import wrong_costs, wrong_covers

COSTS = {"cost": 9, "lower_bound": 9, "status": "proven"}
COVERS = {"covered": 9, "upper_bound": 9, "status": "proven", "slack": 0.1}


@pytest.mark.parametrize(
    ("claimed", "rules"),
    [
        ({}, []),
        ({"lower_bound": 8, "status": "bounded"}, []),
        ({"cost": 10}, ["cost"]),
        ({"cost": math.nan}, ["cost"]),
        ({"lower_bound": 10}, ["lower_bound", "status"]),
        ({"lower_bound": -1, "status": "bounded"}, ["lower_bound"]),
        ({"lower_bound": math.nan, "status": "bounded"}, ["lower_bound"]),
        ({"lower_bound": 8}, ["status"]),
        ({"status": "bounded"}, ["status"]),
        ({"cost": 9.05, "lower_bound": 9.05, "slack": 0.1}, []),
    ],
)
def test_costs(claimed, rules):
    assert [fault.rule for fault in wrong_costs(9, told="the sites cost", **COSTS | claimed)] == rules


@pytest.mark.parametrize(
    ("claimed", "rules"),
    [
        ({"covered": 9.05, "upper_bound": 8.95}, []),
        ({"upper_bound": 10, "status": "bounded"}, []),
        ({"covered": 10}, ["covered"]),
        ({"covered": math.nan}, ["covered"]),
        ({"upper_bound": 8, "status": "bounded"}, ["upper_bound"]),
        ({"upper_bound": math.nan, "status": "bounded"}, ["upper_bound"]),
        ({"upper_bound": 10}, ["status"]),
        ({"status": "bounded"}, ["status"]),
    ],
)
def test_covers(claimed, rules):
    assert [fault.rule for fault in wrong_covers(9, told="the sites cover", **COVERS | claimed)] == rules


def test_a_fault_tells_both_figures():
    (fault,) = wrong_costs(1234, told="the longest way is", **COSTS | {"lower_bound": 1234, "cost": 1235})
    assert str(fault) == "cost: the longest way is 1,234, 1,235 is claimed"
    assert fault.amount == 1
