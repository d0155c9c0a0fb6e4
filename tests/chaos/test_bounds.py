"""The short form of the bound of small nights: no plan that is found by any means is below it."""

from __future__ import annotations

import math

import pytest

from tests.chaos.bounds import KINDS, examine


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_no_plan_is_below_the_bound(kind, seed):
    night = examine(kind, seed, left_s=lambda: math.inf)
    assert night.is_sound, night
