"""The short form of the bound of small nights: no plan that is found by any means is below it."""

from __future__ import annotations

import math

import pytest

from tests.chaos.bounds import KINDS, Examined, examine


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_no_plan_is_below_the_bound(kind, seed):
    night = examine(kind, seed, left_s=lambda: math.inf)
    assert night.is_sound, night


def test_a_bound_above_a_plan_is_seen():
    assert Examined(nothing=9.0, best=5.0, bound=5.0, tight=5.0).is_sound
    assert not Examined(nothing=9.0, best=5.0, bound=5.1, tight=5.0).is_sound
