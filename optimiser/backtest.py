"""
Held-out nights: for each, fit on data before it only, plan, then replay the day that followed.

Pure. The plan of a night sees the history just before its `as_of` and nothing else; the replay, and the rates that put
back what was turned away, come from the held-out days alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.city import City, Snapshot
from optimiser.basics.errors import InvalidInput
from optimiser.demand.allocation import least_losses, split_bikes
from optimiser.demand.city_demand import CityDemand, fit_demand
from optimiser.demand.dissatisfaction import losses, losses_by_slot
from optimiser.demand.forecast import HORIZON_S, Forecast, expected_losses
from optimiser.demand.history import History
from optimiser.demand.inventory import with_inventories
from optimiser.demand.rooms import tonight_room
from optimiser.demand.snapshots import snapshot_at
from optimiser.demand.station_targets import DemandSettings
from optimiser.nightly import next_shift
from optimiser.simulation.demand_day import DemandDay, restore_day
from optimiser.simulation.held_out import Backtest, NightOutcome, Outcome, station_class
from optimiser.simulation.operator_moves import operator_moves
from optimiser.simulation.policies import Policy, half_full, proportional
from optimiser.simulation.replay import lost_by_opening, replay_day

DRAWS = 5
"""Draws of what nobody saw."""
COMPARABLE_DAYS = 14
"""Days at least from which the rates of the judged days are fitted."""
LEAST_WATCHED = 0.75
"""A station watched for less of the day is not judged."""
LEAST_STATIONS = 0.5
"""A night with fewer of the stations is not judged."""

PlanNight = Callable[[Snapshot, CityDemand], Mapping[str, int]]
"""Inventories by station after a night planned with the real vans."""
OnNight = Callable[[NightOutcome | None, datetime, str], None]

Bikes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class _HeldOut:
    """The held-out days, as a judge sees them."""

    history: History
    demand: CityDemand


def backtest(
    city: City,
    history: History,
    nights: Sequence[datetime],
    *,
    settings: DemandSettings,
    plan: PlanNight | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    on_night: OnNight | None = None,
) -> Backtest:
    """
    Judge every policy on each of the nights.

    Parameters
    ----------
    nights
        Moments at which a night's work begins; each is followed by the day that is replayed.
    plan
        Plans with the real vans; None leaves that policy out.
    on_night
        Told of every night judged, or skipped and why.

    Raises
    ------
    InvalidInput
        When no night lies within the history.
    """
    starts = [int(night.timestamp()) for night in nights]
    span = history.span()
    if span is None or not any(span[0] < start < span[1] for start in starts):
        told = "empty" if span is None else f"{_local(span[0], city)} to {_local(span[1], city)}"
        raise InvalidInput(f"backtest: no night lies within the history ({told})")
    held_out = _held_out(history, min(starts), max(starts) + HORIZON_S, settings)
    done: list[NightOutcome] = []
    skipped: list[tuple[datetime, str]] = []
    for night, start_ts in zip(nights, starts, strict=True):
        outcome = _judge(city, history, held_out, night, start_ts, settings=settings, plan=plan, draws=draws, seed=seed)
        if isinstance(outcome, str):
            skipped.append((night, outcome))
        else:
            done.append(outcome)
        if on_night is not None:
            on_night(*((None, night, outcome) if isinstance(outcome, str) else (outcome, night, "")))
    return Backtest(nights=tuple(done), skipped=tuple(skipped), seed=seed)


def _local(ts: int, city: City) -> str:
    return datetime.fromtimestamp(ts, UTC).astimezone(ZoneInfo(city.time_zone)).isoformat()


def _held_out(history: History, first_ts: int, last_ts: int, settings: DemandSettings) -> _HeldOut:
    """
    Rates of the held-out days alone, and these days with a margin for inventories.

    Where few nights are judged, the days after them help out, and if there are none the days before.
    """
    span = history.span()
    assert span is not None
    last_ts = max(last_ts, min(span[1], first_ts + COMPARABLE_DAYS * 86_400))
    first_ts = min(first_ts, last_ts - COMPARABLE_DAYS * 86_400)
    days = replace(settings, window_days=-(-(last_ts - first_ts) // 86_400) + 1, weather=None)
    demand = fit_demand(history.between(first_ts, last_ts), as_of_ts=last_ts, settings=days, recency=False)
    margin_s = 15 * 86_400
    return _HeldOut(history=with_inventories(history.between(first_ts - margin_s, last_ts + 86_400)), demand=demand)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Night:
    """One night's stations, and what each number of bikes there is worth by four lights; tables by opening."""

    rows: Bikes
    """Of the city's stations that are judged."""
    rooms: Bikes
    start: Bikes
    coming: Forecast
    predicted: Floats
    under: Floats
    """By held-out rates at the day's own activity."""
    realised: Floats
    """In the replay, mean over draws."""
    days: tuple[DemandDay, ...]


def _judge(
    city: City,
    history: History,
    held_out: _HeldOut,
    night: datetime,
    start_ts: int,
    *,
    settings: DemandSettings,
    plan: PlanNight | None,
    draws: int,
    seed: int,
) -> NightOutcome | str:
    """The outcomes of one night, or why it cannot be judged."""
    snapshot = snapshot_at(history, night)
    if snapshot is None:
        return "nobody knows what stood at the stations"
    try:
        demand = fit_demand(history, as_of_ts=start_ts, settings=settings)
    except InvalidInput as error:
        return error.what
    days = [
        restore_day(held_out.history, held_out.demand.rates, start_ts=start_ts, seconds=HORIZON_S, seed=seed + draw)
        for draw in range(draws)
    ]
    seen = {status.station_id for status in snapshot.stations}
    known = demand.rates.is_known & held_out.demand.rates.is_known & (days[0].known_share >= LEAST_WATCHED)
    rows = np.flatnonzero(known & np.array([station.id in seen for station in city.stations]))
    if len(rows) < max(1, LEAST_STATIONS * len(city.stations)):
        return f"only {len(rows)} of {len(city.stations)} stations were watched for most of the day"
    told = _tables(city, snapshot, demand, held_out, days, rows)
    ids = [city.stations[row].id for row in told.rows]
    openings = _openings(told)
    moved = operator_moves(
        held_out.history, held_out.demand.rates, since_ts=start_ts, until_ts=_shift_end(city, start_ts)
    )
    openings[Policy.OPERATOR] = np.clip(told.start + moved[told.rows], 0, told.rooms)
    if plan is not None:
        after = plan(snapshot, demand)
        stays = [after.get(id_, bikes) for id_, bikes in zip(ids, told.start.tolist(), strict=True)]
        # The replay knows the docks that were free in the evening: bikes in docks that vans freed do not count.
        openings[Policy.VANS] = np.minimum(np.array(stays, dtype=np.int64), told.rooms)
    wanted = told.coming.wanted()
    return NightOutcome(
        as_of=night,
        station_ids=tuple(ids),
        classes=tuple(station_class(float(out), float(into)) for out, into in zip(*wanted, strict=True)),
        bikes=int(told.start.sum()),
        wanted=float(np.mean([len(day.at_s) for day in told.days])),
        restored=float(np.mean([(day.source > 0).mean() if len(day.source) else 0.0 for day in told.days])),
        outcomes={policy: _outcome(told, openings[policy]) for policy in Policy if policy in openings},
    )


def _tables(  # noqa: PLR0917  all that is known of the night
    city: City, snapshot: Snapshot, demand: CityDemand, held_out: _HeldOut, days: Sequence[DemandDay], rows: Bikes
) -> _Night:
    status_of = {status.station_id: status for status in snapshot.stations}
    stations = [city.stations[row] for row in rows]
    rooms = np.array([tonight_room(station, status_of[station.id]) for station in stations], dtype=np.int64)
    coming = demand.forecast(days[0].start_ts).of(rows)
    held = _at_actual_activity(held_out.demand, days[0].start_ts).of(rows)
    own_days = tuple(_of(day, rows) for day in days)
    return _Night(
        rows=rows,
        rooms=rooms,
        start=np.array([status_of[station.id].usable for station in stations], dtype=np.int64),
        coming=coming,
        predicted=expected_losses(coming, rooms).trips,
        under=losses(held.rental, held.giving, rooms, slot_s=held.slot_s).trips,
        realised=np.mean([lost_by_opening(day, rooms) for day in own_days], axis=0),
        days=own_days,
    )


def _openings(told: _Night) -> dict[Policy, Bikes]:
    """What each policy that needs no van opens with."""
    bikes = int(told.start.sum())
    return {
        Policy.NOTHING: told.start,
        Policy.HALF_FULL: half_full(told.rooms),
        Policy.PROPORTIONAL: proportional(told.rooms, bikes),
        Policy.UNLIMITED: split_bikes(told.predicted, told.rooms, bikes),
        Policy.UNLIMITED_BIKES: least_losses(told.predicted, told.rooms),
        Policy.HELD_OUT_RATES: split_bikes(told.under, told.rooms, bikes),
        Policy.PERFECT: split_bikes(told.realised, told.rooms, bikes),
    }


def _outcome(told: _Night, opening: Bikes) -> Outcome:
    everyone = np.arange(len(told.rows))
    by_hour = [replay_day(day, told.rooms, opening).lost_by_hour.sum(axis=0) for day in told.days]
    return Outcome(
        opening=opening,
        realised=told.realised[everyone, opening],
        predicted=told.predicted[everyone, opening],
        under_held_out=told.under[everyone, opening],
        realised_by_hour=np.mean(by_hour, axis=0),
        predicted_by_hour=_hourly(told.coming, told.rooms, opening),
    )


def _at_actual_activity(held_out: CityDemand, start_ts: int) -> Forecast:
    """Held-out rates as busy as the day turned out to be; nothing is left to forecast."""
    usual = held_out.forecast(start_ts)
    calendar = held_out.rates.calendar
    middle = int(calendar.cell_of(np.array([start_ts + HORIZON_S // 2]))[0]) // calendar.slots
    renting, returning = held_out.rates.day_factor[:, middle]
    return replace(
        usual,
        rental=usual.rental / usual.renting.factor * renting,
        giving=usual.giving / usual.returning.factor * returning,
    )


def _shift_end(city: City, start_ts: int) -> int:
    """When the last van's shift of the night ends; eight hours later where there is no van."""
    night = datetime.fromtimestamp(start_ts, UTC)
    return max(
        (int(next_shift(van, city.time_zone, night)[1].timestamp()) for van in city.vans), default=start_ts + 28_800
    )


def _of(day: DemandDay, rows: NDArray[np.int64]) -> DemandDay:
    """The day at some stations only."""
    parts = [slice(int(day.first[row]), int(day.first[row + 1])) for row in rows]
    return replace(
        day,
        first=np.concatenate([[0], np.cumsum([part.stop - part.start for part in parts])]).astype(np.int64),
        at_s=np.concatenate([day.at_s[part] for part in parts]),
        change=np.concatenate([day.change[part] for part in parts]),
        source=np.concatenate([day.source[part] for part in parts]),
        known_share=day.known_share[rows],
    )


def _hourly(coming: Forecast, rooms: Bikes, opening: Bikes) -> Floats:
    """Trips expected to be lost on a usual day by hour after the start, summed over stations."""
    rentals, returns = losses_by_slot(coming.rental, coming.giving, rooms, opening, slot_s=coming.slot_s)
    per_slot = (rentals + returns).sum(axis=0)
    return np.add.reduceat(per_slot, np.arange(0, len(per_slot), max(1, 3600 // coming.slot_s)))
