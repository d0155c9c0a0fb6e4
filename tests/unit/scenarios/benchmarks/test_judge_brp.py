"""The judge of BRP answers prices by hand, passes what is right, and finds each thing that is broken by one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.benchmarks.judge_brp import judge_brp, price_brp
from tests.unit.scenarios.benchmarks.instances import square

RIGHT = ((1, 2), (3,))


def rules(routes, **claimed):
    return [fault.rule for fault in judge_brp(square(), routes, **claimed)]


def test_the_price_is_the_sum_of_arcs_from_and_to_the_depot():
    # 0-1 10, 1-2 12, 2-0 21; 0-3 30, 3-0 31: 104
    assert 104 == price_brp(square(), RIGHT)
    assert 104 == price_brp(square(), (*RIGHT, ()))


def test_a_right_answer_has_no_fault():
    assert () == judge_brp(square(), RIGHT, cost=104, lower_bound=104)


def test_the_load_may_start_anywhere_but_its_window_must_fit():
    # +5 -5 +3: sums 0 5 0 3, window 5. +3 +5 -5: sums 0 3 8 3, window 8, two too many.
    assert [] == rules(((1, 2, 3),))
    (fault,) = judge_brp(square(), ((3, 1, 2),))
    assert ("load_window", ("0",), 2) == (fault.rule, fault.ids, fault.amount)
    # -5 +5 starts with five bikes on board.
    assert [] == rules(((2, 1), (3,)))


def test_a_window_that_exceeds_the_van_by_one_is_found():
    just_right, just_wrong = (replace(square(), capacity=capacity) for capacity in (5, 4))
    assert () == judge_brp(just_right, RIGHT)
    (fault,) = judge_brp(just_wrong, RIGHT)
    assert ("load_window", 1) == (fault.rule, fault.amount)


@pytest.mark.parametrize(
    ("routes", "claimed", "rule", "ids", "amount"),
    [
        (((1, 2),), {}, "visited_once", ("3",), -1),
        (((1, 2), (3,), (3,)), {}, "visited_once", ("3",), 1),
        (((1, 2), (4,)), {}, "known_vertices", ("1", "4"), 1),
        (((1, 2), (0, 3)), {}, "known_vertices", ("1", "0"), 1),
        (RIGHT, {"cost": 103}, "cost", (), -1),
        (RIGHT, {"cost": 105}, "cost", (), 1),
        (RIGHT, {"lower_bound": 105}, "lower_bound", (), 1),
    ],
)
def test_one_thing_broken_is_one_fault(routes, claimed, rule, ids, amount):
    (fault,) = judge_brp(square(), routes, **claimed)
    assert (rule, ids, amount) == (fault.rule, fault.ids, fault.amount)


def test_every_fault_is_told_at_once():
    # Station 1 twice, 3 then 1 is a window of 8, and a wrong price.
    assert ["visited_once", "load_window", "cost"] == rules(((3, 1), (1, 2)), cost=1)


def test_the_judges_load_nothing_of_the_optimiser_and_no_solver():
    told = (
        "import sys, scenarios.benchmarks.judge_brp, scenarios.benchmarks.judge_nyc; "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'optimiser', 'ortools', 'numba', 'scipy'}))"
    )
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", told], cwd=root, capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
