"""A city's demand, fitted to its past up to one moment, ready to set targets for the night that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from optimiser.basics.city import City, Snapshot
from optimiser.demand.estimate import estimate
from optimiser.demand.forecast import Forecast, forecast
from optimiser.demand.history import History
from optimiser.demand.rates import Rates
from optimiser.demand.rooms import tonight_room
from optimiser.demand.station_targets import DemandSettings, Place, station_targets
from optimiser.demand.targets import Target, proportional_targets


@dataclass(frozen=True, eq=False, kw_only=True)
class CityDemand:
    """Fitted rates, and what they were fitted to."""

    station_ids: tuple[str, ...]
    """In the order of the rates."""
    rates: Rates
    settings: DemandSettings
    as_of_ts: int
    """Nothing that happened then or later was looked at."""
    last_ts: int
    """The last thing known before."""
    counters: dict[str, int]
    """What became of the intervals between polls."""

    def forecast(self, start_ts: int) -> Forecast:
        """Demand over the day that begins at `start_ts`."""
        return forecast(self.rates, start_ts=start_ts, holidays=self.settings.holidays, weather=self.settings.weather)

    def as_document(self) -> dict[str, Any]:
        """What a reader wants to know of the fit, for JSON."""
        calendar = self.rates.calendar
        zone = ZoneInfo(calendar.time_zone)
        return {
            "first_day": calendar.first_day.isoformat(),
            "last_known": datetime.fromtimestamp(self.last_ts, UTC).astimezone(zone).isoformat(),
            "days": int(self.rates.watched.sum()),
            "slot_minutes": calendar.slot_minutes,
            "stations_with_rates": int(self.rates.is_known.sum()),
            "prior_shape": {"rentals": self.rates.strength[0], "returns": self.rates.strength[1]},
            "intervals": dict(self.counters),
        }


def fit_demand(history: History, *, as_of_ts: int, settings: DemandSettings, recency: bool = True) -> CityDemand:
    """
    Demand from what was known just before `as_of_ts`; `recency` as in `rates.fit`.

    Raises
    ------
    InvalidInput
        When nothing was known then.
    """
    rates, tally, last_ts = estimate(
        history,
        as_of_ts=as_of_ts,
        holidays=settings.holidays,
        slot_minutes=settings.slot_minutes,
        window_days=settings.window_days,
        recency=recency,
    )
    return CityDemand(
        station_ids=history.station_ids,
        rates=rates,
        settings=settings,
        as_of_ts=as_of_ts,
        last_ts=last_ts,
        counters=tally.counters,
    )


def choose_targets(
    city: City,
    snapshot: Snapshot,
    *,
    start_ts: int,
    demand: CityDemand | None = None,
    given: Sequence[Target] = (),
) -> tuple[Target, ...]:
    """
    A target for each station, in the order of `city.stations`: the operator's own, else from demand, else the default.

    Those from demand are made for tonight's room. `start_ts` is when the night's work begins.
    """
    chosen = {target.station_id: target for target in proportional_targets(city, snapshot)}
    if demand is not None:
        row_of = {station_id: row for row, station_id in enumerate(demand.station_ids)}
        status_of = {status.station_id: status for status in snapshot.stations}
        places = [
            Place(
                station_id=station.id,
                row=row_of[station.id],
                room=tonight_room(station, status_of.get(station.id)),
                soft_capacity=station.capacity if station.is_zone else None,
                low_charge=status_of[station.id].low_charge if station.id in status_of else 0,
                broken=status_of[station.id].disabled if station.id in status_of else 0,
            )
            for station in city.stations
            if station.id in row_of
        ]
        bikes = sum(status_of[place.station_id].usable for place in places if place.station_id in status_of)
        chosen |= station_targets(
            demand.forecast(start_ts), places, bikes=bikes, settings=demand.settings, time_zone=city.time_zone
        )
    chosen |= {target.station_id: target for target in given}
    return tuple(chosen[station.id] for station in city.stations)
