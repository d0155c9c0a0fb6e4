"""
The exact split of a limited number of bikes over stations.

Each next bike goes where it saves most. With convex losses that greedy rule is optimal for every number of bikes
(Federgruen & Groenevelt 1986, Operations Research 34; Freund, Henderson & Shmoys 2022, Operations Research 70, for
bikes and docks together).
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidProblem


def split_bikes(losses: NDArray[np.float64], rooms: NDArray[np.int64], bikes: int) -> NDArray[np.int64]:
    """
    Opening inventories that lose least with exactly so many bikes.

    Parameters
    ----------
    losses
        By station and inventory, convex over 0..room; shape (n, widest + 1), what lies beyond a room is not read.
    rooms
        Bikes that fit, shape (n,).

    Raises
    ------
    InvalidProblem
        When so many bikes do not fit.
    """
    if not 0 <= bikes <= int(rooms.sum()):
        raise InvalidProblem(f"split: {bikes} bikes on {int(rooms.sum())} docks")
    held = np.zeros(len(rooms), dtype=np.int64)
    queue = [(float(losses[row, 1] - losses[row, 0]), row) for row in range(len(rooms)) if rooms[row] > 0]
    heapq.heapify(queue)
    for _ in range(bikes):
        _, row = heapq.heappop(queue)
        held[row] += 1
        if held[row] < rooms[row]:
            heapq.heappush(queue, (float(losses[row, held[row] + 1] - losses[row, held[row]]), row))
    return held


def least_losses(losses: NDArray[np.float64], rooms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Opening inventories that lose least where bikes are no matter; the fewest bikes of equal ones."""
    beyond = np.arange(losses.shape[1])[None, :] > rooms[:, None]
    least: NDArray[np.int64] = np.where(beyond, np.inf, losses).argmin(axis=1).astype(np.int64)
    return least
