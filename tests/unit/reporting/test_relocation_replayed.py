"""plan.json of nights with everything in them, replayed by a stranger who has read the page alone."""

from __future__ import annotations

import json

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.relocation.solve import solve
from optimiser.reporting.document import to_json
from optimiser.reporting.relocation_document import relocation_document
from tests.car_nights import planned
from tests.unit.relocation.whole_nights import whole_night
from tests.unit.reporting.relocation_replayer import faults


@pytest.mark.parametrize("seed", range(10))
def test_a_plan_can_be_driven_and_priced_as_it_is_told(seed: int) -> None:
    problem = whole_night(seed, stations=6, cars=12, drivers=3)
    plan = solve(problem, SolveLimits(seconds=None, rounds=5, seed=seed)).plan
    assert faults(json.loads(to_json(relocation_document(planned(problem, plan))))) == []
