"""
Better tours: the routing model over the whole night where that is small, else over a few neighbouring vans at a time.

Local search over a large city spends its time on pairs of moves that have nothing to do with each other. Vans
that work near each other, with the moves nobody has taken near them, make a night of their own that is
searched well in seconds (Taillard & Voss, POPMUSIC, 2002). Moves keep every station between its goals in any
order, so parts never disturb the whole.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.model import RoutingModel
from optimiser.rebalancing.moves import Moves, Tours
from optimiser.rebalancing.problem import Problem

WHOLE = 500
"""Up to so many moves, or vans as in a part, the night is searched as one."""
PART_VANS = 3
PART_MOVES = 220
PART_S = 2.5
PART_ROUNDS = 300
"""How long one part is searched: wall-clock seconds, or branches where seconds do not count."""
WATCH_S = 0.1
"""How often it is asked whether the search is over while OR-Tools runs."""


def improve_watched(
    problem: Problem,
    moves: Moves,
    limits: SolveLimits,
    *,
    elapsed_s: Callable[[], float],
    is_over: Callable[[], bool],
    on_tours: Callable[[Tours], None],
) -> None:
    """Search in this thread while another asks whether it is over, and then stops whichever model runs."""
    running: list[RoutingModel] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(WATCH_S):
            # Asked again and again: a model that has only just begun would not hear it once.
            if is_over() and running:
                running[0].stop()

    def on_model(model: RoutingModel) -> None:
        running[:] = [model]

    def left_s() -> float | None:
        return None if limits.seconds is None else max(0.01, limits.seconds - elapsed_s())

    watcher = threading.Thread(target=watch, name="solve-watch", daemon=True)
    watcher.start()
    try:
        improve(
            problem,
            moves,
            seed=limits.seed,
            rounds=limits.rounds,
            left_s=left_s,
            is_over=is_over,
            on_model=on_model,
            on_tours=on_tours,
        )
    finally:
        done.set()
        watcher.join()


def improve(
    problem: Problem,
    moves: Moves,
    *,
    seed: int,
    rounds: int | None,
    left_s: Callable[[], float | None],
    is_over: Callable[[], bool],
    on_model: Callable[[RoutingModel], None],
    on_tours: Callable[[Tours], None],
) -> None:
    """
    Search until `is_over`, `left_s` seconds (None = no matter) or `rounds` branches are used up.

    `on_model` is told which model runs, so that another thread can stop it; `on_tours` hears of every
    improvement of a part, as tours of all vans.
    """
    if len(moves.all) <= WHOLE or len(problem.vans) <= PART_VANS:
        everything = range(len(moves.all))
        model = RoutingModel(
            problem, moves, van_indices=range(len(problem.vans)), open_moves=everything, start=moves.start
        )
        on_model(model)
        model.search(on_tours, seconds=left_s(), rounds=rounds)
        return
    rng = random.Random(seed)  # noqa: S311 - variety, not secrecy
    parts = _Parts(problem, moves)
    tours, turn = list(moves.start), _shuffled(rng, len(problem.vans))
    while not is_over() and (rounds is None or rounds > 0):
        if not turn:
            turn = _shuffled(rng, len(problem.vans))
        vans, open_moves = parts.around(turn.pop(), tours, rng)
        start = tuple(tours[van] for van in vans)
        model = RoutingModel(problem, moves, van_indices=vans, open_moves=open_moves, start=start)
        on_model(model)

        def take(found: Tours, vans: list[int] = vans) -> None:
            for van, tour in zip(vans, found, strict=True):
                tours[van] = tour
            on_tours(tuple(tours))

        left = left_s()
        used = model.search(
            take,
            seconds=None if left is None else max(0.01, min(PART_S, left)),
            rounds=rounds if rounds is None else min(PART_ROUNDS, rounds),
        )
        rounds = None if rounds is None else rounds - max(1, used)


class _Parts:
    """Which vans are neighbours, and which moves are near them."""

    def __init__(self, problem: Problem, moves: Moves) -> None:
        self._problem = problem
        self._travel_s = problem.travel.travel_s
        stations = [problem.stations[move.station_index].id for move in moves.all]
        self._place = np.array([problem.place_index[id_] for id_ in stations])

    def around(self, van: int, tours: list[tuple[int, ...]], rng: random.Random) -> tuple[list[int], list[int]]:
        """The van with its nearest neighbours, and their moves with the nearest of those that nobody has taken."""
        from_here = self._travel_s[self._places(van, tours)]
        away = [
            (float(from_here[:, self._places(other, tours)].min(axis=1).mean()), other) for other in range(len(tours))
        ]
        nearest = [other for _, other in sorted(away) if other != van][: 2 * PART_VANS]
        vans = sorted([van, *rng.sample(nearest, PART_VANS - 1)])
        taken = [position for other in vans for position in tours[other]]
        free = np.setdiff1d(np.arange(len(self._place)), [position for tour in tours for position in tour])
        places = np.concatenate([self._places(other, tours) for other in vans])
        nearness = self._travel_s[np.ix_(places, self._place[free])].min(axis=0)
        near = free[np.argsort(nearness, kind="stable")[: max(0, PART_MOVES - len(taken))]]
        return vans, [*taken, *(int(position) for position in near)]

    def _places(self, van: int, tours: list[tuple[int, ...]]) -> NDArray[np.int64]:
        """Rows of a van's stops, or of its depot while it has none."""
        if tours[van]:
            return np.asarray(self._place[list(tours[van])])
        return np.array([self._problem.place_index[self._problem.vans[van].start_depot_id]])


def _shuffled(rng: random.Random, count: int) -> list[int]:
    order = list(range(count))
    rng.shuffle(order)
    return order
