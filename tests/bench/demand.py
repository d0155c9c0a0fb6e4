"""User dissatisfaction functions of a large city beside matrix exponentials, and rates from a real city's polls."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from optimiser.demand.activity import WEIGHTS
from optimiser.demand.dissatisfaction import losses
from optimiser.demand.estimate import PASSES, WINDOW_DAYS, estimate
from optimiser.demand.history import History, status_history
from optimiser.demand.warm_up import warm_up

STATIONS, CAPACITY, SLOTS, SLOT_S, SEED = 2000, 60, 48, 1800.0, 1
PEER_STATIONS = 20
"""The peer is timed on so many stations and scaled to all of them."""
REPEATS = 5
OSLO = Path(__file__).parents[3] / "shared" / "data" / "oslo" / "station_status_history.parquet"

Floats = NDArray[np.float64]
T = TypeVar("T")


def rates() -> tuple[Floats, Floats]:
    """Rentals and returns per second of made-up stations, on average 7.5 an hour each."""
    random = np.random.default_rng(SEED)
    shape = (STATIONS, SLOTS)
    return random.gamma(1.5, 5.0, shape) / 3600, random.gamma(1.5, 5.0, shape) / 3600


def with_matrix_exponentials(rental: Floats, giving: Floats) -> Floats:
    """Lost trips by station and opening, a matrix exponential a slot with the losses as two more states."""
    lost = np.zeros((len(rental), CAPACITY + 1))
    size = CAPACITY + 1
    for station in range(len(rental)):
        value = np.zeros(size)
        for slot in range(SLOTS - 1, -1, -1):
            out, into = rental[station, slot], giving[station, slot]
            generator = np.zeros((size + 1, size + 1))
            for state in range(size):
                if state > 0:
                    generator[state, state - 1] = out
                if state < CAPACITY:
                    generator[state, state + 1] = into
                generator[state, state] = -generator[state].sum()
            # The last column counts losses: a state that grows and is never left.
            generator[0, size] += out
            generator[CAPACITY, size] += into
            step = scipy.linalg.expm(generator * SLOT_S)
            value = step[:size, :size] @ value + step[:size, size]
        lost[station] = value
    return lost


def measure() -> str:
    """Tables in Markdown. Raises AssertionError when the two ways disagree."""
    warm_up()
    rental, giving = rates()
    rooms = np.full(STATIONS, CAPACITY, dtype=np.int64)
    ours_s, ours = _median(lambda: losses(rental, giving, rooms, slot_s=SLOT_S).trips)
    sample = slice(0, PEER_STATIONS)
    start = time.perf_counter()
    peer = with_matrix_exponentials(rental[sample], giving[sample])
    peer_s = (time.perf_counter() - start) * STATIONS / PEER_STATIONS
    worst = float(np.abs(ours[sample] - peer).max())
    assert worst < 1e-6, worst
    rows = [
        f"| evenfleet, one day | {ours_s:.2f} | 1.0 |",
        f"| evenfleet, mean over {len(WEIGHTS)} kinds of day | {len(WEIGHTS) * ours_s:.2f} | {len(WEIGHTS):.1f} |",
        f"| scipy.linalg.expm | {peer_s:.0f} | {peer_s / ours_s:.0f} |",
    ]
    told = (
        f"Lost rentals, lost returns, empty and full time of {STATIONS:,} stations with {CAPACITY} docks by all "
        f"{CAPACITY + 1} opening inventories over {SLOTS} half hours, {7.5:g} rentals and returns an hour each. "
        f"Median of {REPEATS}; SciPy {scipy.__version__} gives the lost trips only and is timed from {PEER_STATIONS} "
        f"stations and scaled. Largest difference {worst:.0e} trips."
    )
    head = "| method | seconds | times ours |\n|---|---:|---:|"
    return "\n\n".join([told, "\n".join([head, *rows]), _oslo()])


def _oslo() -> str:
    if not OSLO.is_file():
        return f"Rates from polls: not measured, `{OSLO.parent.name}/{OSLO.name}` is not on this machine."
    table = pd.read_parquet(OSLO)
    names, station = np.unique(table["station_id"].astype(str), return_inverse=True)
    bikes, docks = table["bikes"].to_numpy(), table["docks"].to_numpy()
    rooms = pd.Series(bikes + docks).groupby(station).max()
    history = History(
        station_ids=tuple(names.tolist()),
        capacities=tuple(int(room) for room in rooms),
        time_zone="Europe/Oslo",
        status=status_history(len(names), station, table["ts"].to_numpy(), bikes=bikes, docks=docks),
    )
    last_ts = int(table["ts"].max())
    seconds, fitted = _median(lambda: estimate(history, as_of_ts=last_ts), repeats=3)
    return (
        f"Rates of {len(names)} stations from the last {WINDOW_DAYS} days of Oslo's polls, "
        f"{fitted[1].counters['intervals']:,} intervals counted {PASSES + 1} times: {seconds:.1f} s (median of 3)."
    )


def _median(run: Callable[[], T], *, repeats: int = REPEATS) -> tuple[float, T]:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - start)
    return statistics.median(times), answer
