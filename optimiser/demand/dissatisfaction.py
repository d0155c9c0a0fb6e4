"""
User dissatisfaction functions: rentals and returns expected to be lost over a day, by opening inventory.

A station with C docks is a birth-death chain with rates that are constant within each slot: rentals arrive at lambda
and are lost at 0 bikes, returns arrive at mu and are lost at C (Raviv & Kolka 2013, IIE Transactions 45). For
all opening inventories at once the expected losses are carried backwards through the slots by uniformisation:

    v  <-  sum_k Poisson(k; x) P^k v  +  1/Lambda sum_k P(N > k) P^k c        Lambda = lambda + mu, x = Lambda * length

with P the jump chain and c the rate of loss. One more bike never changes a loss by more than one trip, so every P^k
keeps v convex (induction over jumps, see docs/models/demand.md); so does the sum.

A free-floating zone has a soft capacity: no return is refused there, but each bike above it costs a share of a trip for
every hour it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.compiled import compiled, in_blocks

STATIONS_PER_TASK = 16
TAIL = 1e-13
"""Poisson terms are left out once all that follow weigh less."""

MAX_JUMPS = 200.0
"""Expected at once; exp(-MAX_JUMPS) is far from underflow."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Losses:
    """Expected over the horizon, by station and opening inventory 0..capacity; shape (n, widest + 1), NaN beyond."""

    rentals: Floats
    """Rentals lost because no bike was there."""
    returns: Floats
    """Returns lost because no dock was free; for a zone, what crowding costs, in trips."""
    empty_s: Floats
    full_s: Floats

    @property
    def trips(self) -> Floats:
        """Rentals and returns lost together."""
        return self.rentals + self.returns


def losses(
    rental: Floats,
    giving: Floats,
    rooms: NDArray[np.int64],
    *,
    slot_s: float,
    soft: Floats | None = None,
    crowding: float = 0.0,
) -> Losses:
    """
    Losses of n stations over T slots.

    Parameters
    ----------
    rental, giving
        Rentals and returns per second that riders want, shape (n, T).
    rooms
        Bikes that fit, shape (n,); for a zone the most bikes that a plan may bring it to.
    slot_s
        Length of a slot, seconds.
    soft
        Soft capacities of zones, shape (n,), NaN for stations with docks. None: no zones.
    crowding
        Trips lost per hour for each bike above a soft capacity.
    """
    count = len(rooms)
    soft = np.full(count, np.nan) if soft is None else soft
    states = np.where(np.isnan(soft), rooms, _zone_states(rental, giving, rooms, slot_s))
    widest = int(rooms.max(initial=0)) + 1
    tables = np.full((4, count, widest), np.nan)

    def work(first: int, last: int) -> None:
        _sweep_back(first, last, rental, giving, rooms, states, soft, crowding / 3600, slot_s, tables)

    in_blocks(work, count, block=STATIONS_PER_TASK)
    return Losses(rentals=tables[0], returns=tables[1], empty_s=tables[2], full_s=tables[3])


def losses_by_slot(
    rental: Floats, giving: Floats, capacities: NDArray[np.int64], opening: NDArray[np.int64], *, slot_s: float
) -> tuple[Floats, Floats]:
    """Rentals and returns lost in each slot from one opening inventory of each station; shape (n, T) each."""
    lost = np.zeros((2, *rental.shape))

    def work(first: int, last: int) -> None:
        _sweep_forward(first, last, rental, giving, capacities, opening, slot_s, lost)

    in_blocks(work, len(capacities), block=STATIONS_PER_TASK)
    return lost[0], lost[1]


def _zone_states(rental: Floats, giving: Floats, rooms: NDArray[np.int64], slot_s: float) -> NDArray[np.int64]:
    """Most bikes that a zone is followed to: further out than a day's returns are likely to lead."""
    run = np.cumsum((giving - rental) * slot_s, axis=1)
    # The most that is gained from any moment on: a zone that empties first starts from nothing.
    gained = (run - np.minimum(0.0, np.minimum.accumulate(run, axis=1))).max(axis=1, initial=0.0)
    turnover = (giving + rental).sum(axis=1) * slot_s
    reach: NDArray[np.int64] = np.ceil(gained + 8 * np.sqrt(turnover + 1)).astype(np.int64)
    return rooms + reach


@compiled
def busiest(rental: Any, giving: Any, slot_s: float) -> int:
    """Pieces to cut each slot into, so that no piece sees more than `MAX_JUMPS` jumps."""
    most = 0.0
    for slot in range(len(rental)):
        most = max(most, (rental[slot] + giving[slot]) * slot_s)
    return int(most / MAX_JUMPS) + 1


@compiled
def jump(values: Any, out: Any, states: int, down: float) -> None:
    """Apply one jump of the chain to a function of the state: down with chance `down`, else up; at an end it stays."""
    up = 1.0 - down
    if states == 0:
        out[0] = values[0]
        return
    out[0] = down * values[0] + up * values[1]
    for state in range(1, states):
        out[state] = down * values[state - 1] + up * values[state + 1]
    out[states] = down * values[states - 1] + up * values[states]


@compiled
def _carry_back(  # noqa: PLR0917  Numba knows no keyword-only arguments
    value: Any, power: Any, spare: Any, made: Any, top: int, out: float, into: float, length_s: float
) -> None:
    """
    Carry functions of the state backwards through one piece of time with constant rates; `made` is filled.

    Rows 0..3 of `value` are expectations at the end of the piece, rows 4 and 5 are integrated over it.
    """
    total = out + into
    expected = total * length_s
    # Chance of k jumps in the piece, and of more than k.
    chance = np.exp(-expected)
    more = 1.0 - chance
    for row in range(6):
        share = chance if row < 4 else (more / total if total > 0.0 else length_s)
        for state in range(top + 1):
            power[row, state] = value[row, state]
            made[row, state] = share * value[row, state]
    if total <= 0.0:
        return
    number = 0
    while more > TAIL:
        number += 1
        chance *= expected / number
        more = max(0.0, more - chance)
        for row in range(6):
            jump(power[row], spare, top, out / total)
            share = chance if row < 4 else more / total
            for state in range(top + 1):
                power[row, state] = spare[state]
                made[row, state] += share * spare[state]


@compiled
def _sweep_back(  # noqa: PLR0917  Numba knows no keyword-only arguments
    first: int,
    last: int,
    rental: Any,
    giving: Any,
    rooms: Any,
    states: Any,
    soft: Any,
    crowding: float,
    slot_s: float,
    tables: Any,
) -> None:
    widest = 0
    for station in range(first, last):
        widest = max(widest, states[station] + 1)
    # Rows: lost rentals, lost returns, empty and full seconds to come; being empty; being full, or bikes too many.
    value, power, made = np.zeros((6, widest)), np.zeros((6, widest)), np.zeros((6, widest))
    spare = np.zeros(widest)
    for station in range(first, last):
        top, room = states[station], rooms[station]
        is_zone = not np.isnan(soft[station])
        pieces = busiest(rental[station], giving[station], slot_s)
        value[:, :] = 0.0
        for piece in range(rental.shape[1] * pieces - 1, -1, -1):
            out, into = rental[station, piece // pieces], giving[station, piece // pieces]
            for state in range(top + 1):
                value[4, state] = 1.0 if state == 0 else 0.0
                value[5, state] = max(0.0, state - soft[station]) if is_zone else (1.0 if state >= room else 0.0)
            _carry_back(value, power, spare, made, top, out, into, slot_s / pieces)
            for state in range(top + 1):
                empty_s, full_s = made[4, state], made[5, state]
                value[0, state] = made[0, state] + out * empty_s
                value[1, state] = made[1, state] + (crowding if is_zone else into) * full_s
                value[2, state] = made[2, state] + empty_s
                value[3, state] = made[3, state] + (0.0 if is_zone else full_s)
        for row in range(4):
            for state in range(room + 1):
                tables[row, station, state] = value[row, state]


@compiled
def _sweep_forward(  # noqa: PLR0917
    first: int,
    last: int,
    rental: Any,
    giving: Any,
    capacities: Any,
    opening: Any,
    slot_s: float,
    lost: Any,
) -> None:
    widest = 0
    for station in range(first, last):
        widest = max(widest, capacities[station] + 1)
    chances, spare, made = np.zeros(widest), np.zeros(widest), np.zeros(widest)
    for station in range(first, last):
        top = capacities[station]
        chances[:] = 0.0
        chances[opening[station]] = 1.0
        pieces = busiest(rental[station], giving[station], slot_s)
        for piece in range(rental.shape[1] * pieces):
            slot = piece // pieces
            out, into = rental[station, slot], giving[station, slot]
            total = out + into
            if total <= 0.0:
                continue
            expected = total * slot_s / pieces
            chance = np.exp(-expected)
            more = 1.0 - chance
            for state in range(top + 1):
                made[state] = chance * chances[state]
            empty_s, full_s = chances[0] * more / total, chances[top] * more / total
            number = 0
            while more > TAIL:
                number += 1
                chance *= expected / number
                more = max(0.0, more - chance)
                down, up = out / total, into / total
                for state in range(top + 1):
                    spare[state] = 0.0
                for state in range(top + 1):
                    spare[max(0, state - 1)] += down * chances[state]
                    spare[min(top, state + 1)] += up * chances[state]
                for state in range(top + 1):
                    chances[state] = spare[state]
                    made[state] += chance * spare[state]
                empty_s += chances[0] * more / total
                full_s += chances[top] * more / total
            lost[0, station, slot] += out * empty_s
            lost[1, station, slot] += into * full_s
            for state in range(top + 1):
                chances[state] = made[state]
