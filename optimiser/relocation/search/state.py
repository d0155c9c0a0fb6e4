"""What the search changes, and room for what comes of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimiser.basics.compiled import in_place
from optimiser.relocation.search import columns as col
from optimiser.relocation.search.town import Floats, Ints, Town

MOST_LEAVING = 24
"""Cars that may leave one station in a night: a limit of the search alone."""


class Routes(NamedTuple):
    """What the search changes: jobs of each driver, and what each job is."""

    jobs: Ints
    """Shape (drivers, longest)."""
    length: Ints
    """Jobs of each driver."""
    job: Ints
    """Shape (2 x cars, JOB_WIDTH)."""


class Course(NamedTuple):
    """What comes of routes; filled anew each time."""

    driver: Ints
    timed: Ints
    arrives_kwh: Floats
    """In the car after the drive of each job."""
    used_kwh: Floats
    """By each car's drives."""
    station: Ints
    leaves_s: Ints
    """Moments at which cars leave each station, shape (stations, MOST_LEAVING)."""
    plug_free_s: Ints
    last: Ints
    """Last job of each car done, or -1."""
    ready: Ints
    """Ready cars at opening at each station."""
    zone_cars: Ints


def course_of(town: Town) -> Course:
    """Room for what comes of routes."""
    cars, drivers, stations = len(town.car), len(town.driver), len(town.station)
    return Course(
        driver=np.zeros((drivers, col.COURSE_WIDTH), dtype=np.int64),
        timed=np.zeros((2 * cars, col.TIMED_WIDTH), dtype=np.int64),
        arrives_kwh=np.zeros(2 * cars),
        used_kwh=np.zeros(cars),
        station=np.zeros((stations, 2), dtype=np.int64),
        leaves_s=np.zeros((stations, MOST_LEAVING), dtype=np.int64),
        plug_free_s=np.zeros(len(town.plug), dtype=np.int64),
        last=np.zeros(cars, dtype=np.int64),
        ready=np.zeros(stations, dtype=np.int64),
        zone_cars=np.zeros(len(town.zone), dtype=np.int64),
    )


@in_place
def origin_of(car: Ints, station: Ints, decided: Ints, job: int) -> int:
    """The place where a job finds its car; takes `town.car`, `town.station` and `routes.job`."""
    if job % 2 == 0 or stays_put(car, decided, job - 1):
        return int(car[job // 2, col.PLACE])
    return int(station[decided[job - 1, col.STATION], col.PLACE])


@in_place
def stays_put(car: Ints, decided: Ints, job: int) -> bool:
    """Whether a job leaves the car where it is; takes `town.car` and `routes.job`."""
    if job % 2 == 1 and not stays_put(car, decided, job - 1):
        return bool(decided[job, col.STATION] == decided[job - 1, col.STATION])
    is_put = decided[job, col.STATION] == car[job // 2, col.AT]
    return bool(is_put and not (car[job // 2, col.IN_STREET] and decided[job, col.PLUGS_IN]))
