"""Any night of e-cars, with everything in it: a valid plan, never dearer than nothing, never below the bound."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import StopReason
from optimiser.relocation.bound import lower_bound
from optimiser.relocation.charging import charge_smartly, plug_and_charge
from optimiser.relocation.check import check
from optimiser.relocation.cost import cost
from optimiser.relocation.plan import NOTHING
from optimiser.relocation.solve import solve
from tests.unit.relocation.whole_nights import whole_night


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), stations=st.integers(2, 7), cars=st.integers(1, 14), drivers=st.integers(0, 3))
def test_any_night_has_a_valid_plan_between_its_bound_and_nothing(seed: int, stations: int, cars: int, drivers: int):
    problem = whole_night(seed, stations=stations, cars=cars, drivers=drivers)
    result = solve(problem, SolveLimits(seconds=None, rounds=2, seed=seed % 1000))
    assert result.refused == ()
    assert check(problem, result.plan) == ()
    assert math.isclose(result.objective, cost(problem, result.plan).total, rel_tol=1e-12)
    idle = cost(problem, NOTHING).total
    assert result.objective <= idle + 1e-9
    assert result.objective <= cost(problem, charge_smartly(problem, NOTHING)).total + 1e-9
    assert 0 <= result.best_bound <= result.objective
    assert lower_bound(problem) <= cost(problem, plug_and_charge(problem, NOTHING)).total + 1e-6
    assert math.isfinite(result.gap)
    if result.stop_reason is StopReason.OPTIMAL:
        assert result.gap <= 1e-5
