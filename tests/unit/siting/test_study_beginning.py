"""What a first plan looks at: what several numbers of plugs would bring is the same at once as one by one."""

from __future__ import annotations

import pytest

from optimiser.siting.construct import Left
from optimiser.siting.groups import groups_of
from optimiser.siting.room import Room
from tests.siting_studies import random_study


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("is_floor", [False, True])
def test_numbers_of_plugs_are_looked_at_together_as_one_by_one(seed, is_floor):
    problem = random_study(seed, points=30, sites=6, floor=0.3)
    room = Room(problem)
    left = Left(problem, groups_of(problem), room.plugs, 0)
    for site in problem.sites:
        for kind in problem.kinds:
            prices = room.prices(site, kind, kind.max_plugs)
            assert prices == [room.price(site, kind, count) for count in range(1, len(prices) + 1)]
            if len(prices) < kind.max_plugs:
                assert room.price(site, kind, len(prices) + 1) is None
            rates = [kind.sessions_per_hour(count) for count in range(1, kind.max_plugs + 1)]
            single = [left.gains(site, kind, [rate], is_floor=is_floor)[0] for rate in rates]
            assert left.gains(site, kind, rates, is_floor=is_floor) == single
