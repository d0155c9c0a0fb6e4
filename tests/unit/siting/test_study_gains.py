"""What the search keeps from round to round is what it would find anew: gains of builds, and who charges where."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.basics.chance import chance_of
from optimiser.siting.arrays import arrays_of
from optimiser.siting.groups import groups_of
from optimiser.siting.search.copying import copy_ground, copy_touched, forget_touched
from optimiser.siting.search.flow import desk_for, fill_up, note_built
from optimiser.siting.search.gains import know_gains
from optimiser.siting.search.ground import bare, land_of, may_build, put
from optimiser.siting.search.rebuild import begin_to_know, lists_for, look_around, rebuild, rebuild_all
from tests.siting_studies import random_study

SEEDS = range(8)
COPIED = ("plugs", "flow", "used", "left", "held", "best", "total", "served", "money", "free_kw", "crowd", "opened")


def begun(seed):
    """A random study of one phase, as the search has it."""
    problem = random_study(seed, points=30, sites=12)
    arrays = arrays_of(problem, groups_of(problem), phase=0)
    land = land_of(arrays, arrays.builds.most, asked=np.zeros(len(problem.districts) + 1))
    return arrays, land, desk_for(land), lists_for(land), chance_of(seed)


def gain_of(land, ground, site, kind, count):
    """What more plugs would bring from those whom nobody serves, one group after the other."""
    room = land.takes[kind, land.now[site, kind] + ground.plugs[site, kind] + count] - ground.used[site, kind]
    total = 0.0
    for arc in range(land.first_arc[site], land.first_arc[site + 1]):
        group = land.arc_group[arc]
        if not land.fits[group, kind]:
            continue
        if land.sessions[group] > 0:
            amount = max(0.0, min(room, ground.left[group]))
            total += amount * land.value[group] * land.arc_worth[arc] * land.weight[group] / land.sessions[group]
            room -= amount
        else:
            nearer = max(0.0, land.arc_worth[arc] - ground.best[group])
            total += land.value[group] * land.weight[group] * nearer
    return total


@pytest.mark.parametrize("seed", SEEDS)
def test_gains_that_are_kept_are_those_found_anew(seed):
    arrays, land, desk, lists, chance = begun(seed)
    ground = bare(land, arrays)
    look_around(land, ground, desk, lists)
    begin_to_know(ground, lists)
    compared = 0
    while True:
        buildable = []
        for site in range(len(land.most)):
            know_gains(land, ground, site)
            for kind, most in enumerate(land.most[site] - ground.plugs[site]):
                for count in range(1, most + 1):
                    expected = gain_of(land, ground, site, kind, count)
                    assert ground.gain[site, kind, count] == pytest.approx(expected, rel=1e-9, abs=1e-6)
                    compared += 1
                    if may_build(land, ground, site, kind, count) >= 0 and expected > 0:
                        buildable.append((site, kind, count))
        if not buildable:
            break
        site, kind, count = buildable[int(chance[0] % np.uint64(len(buildable)))]
        put(land, ground, site, kind, count)
        ground.is_known[site] = False
        note_built(land, ground, site)
        fill_up(land, ground, desk, site, kind)
    assert compared > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_copying_what_was_touched_is_copying_all(seed):
    arrays, land, desk, lists, chance = begun(seed)
    now, trial, whole = (bare(land, arrays) for _ in range(3))
    rebuild_all(land, now, desk, lists, chance, 0.0)
    copy_ground(now, trial)
    for turn in range(30):
        copy_ground(now, whole)
        rebuild(land, trial, desk, lists, chance)
        if turn % 3 == 0:
            copy_ground(trial, whole)
            copy_touched(land, trial, now, trial)
        else:
            copy_touched(land, now, trial, trial)
        forget_touched(trial)
        for name in COPIED:
            assert np.array_equal(getattr(now, name), getattr(whole, name)), name
            assert np.array_equal(getattr(trial, name), getattr(whole, name)), name
        assert not trial.is_touched.any()
