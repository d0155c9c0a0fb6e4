"""Simulated annealing over routes: a change, the night driven anew, kept or undone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.chance import Chance, draw
from optimiser.basics.compiled import in_place
from optimiser.relocation.search.edit import copy_routes
from optimiser.relocation.search.moves import Hints, change
from optimiser.relocation.search.night import NO_WAY, price
from optimiser.relocation.search.state import Course, Routes
from optimiser.relocation.search.town import Floats, Town


class Standing(NamedTuple):
    """Where one search stands."""

    now: Routes
    trial: Routes
    best: Routes
    course: Course
    hints: Hints
    prices: Floats
    """Of `now` and `best`."""


@in_place
def anneal(town: Town, standing: Standing, chance: Chance, heat: float, tries: int) -> bool:
    """So many changes at one heat (Kirkpatrick, Gelatt & Vecchi 1983, Science 220); whether the best got better."""
    now, trial, course = standing.now, standing.trial, standing.course
    is_better = False
    for _ in range(tries):
        changed = change(town, trial, standing.hints, chance)
        found = price(town, trial, course) if changed else NO_WAY
        if found < standing.prices[0] - heat * np.log(1.0 - draw(chance)):
            standing.prices[0] = found
            copy_routes(trial, now)
            for station in range(len(town.station)):
                standing.hints.ready[station] = course.ready[station]
            if found < standing.prices[1] - 1e-9:
                standing.prices[1] = found
                copy_routes(now, standing.best)
                is_better = True
        else:
            copy_routes(now, trial)
    return is_better
