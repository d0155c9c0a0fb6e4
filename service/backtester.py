"""Judges a loaded city on held-out nights: history in, table, page and JSON out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from optimiser.backtest import OnNight, backtest
from optimiser.basics.city import City, Snapshot
from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.limits import SolveLimits
from optimiser.demand.city_demand import CityDemand
from optimiser.network.travel import TravelSource
from optimiser.nightly import night_start, plan_night
from optimiser.reporting.backtest_document import backtest_document
from optimiser.reporting.backtest_page import backtest_html
from optimiser.reporting.document import to_json
from optimiser.simulation.held_out import Backtest
from scenarios.loader import LoadedCity, open_travel
from scenarios.past import Past, read_past


@dataclass(frozen=True, eq=False, kw_only=True)
class JudgedCity:
    """Held-out nights of a city, and what was asked for."""

    city: City
    past: Past
    result: Backtest
    first: datetime
    last: datetime
    limits: SolveLimits | None
    """Of the search of each night; None without vans."""
    draws: int
    warnings: tuple[Finding, ...]

    def files(self) -> dict[str, bytes]:
        """backtest.json and backtest.html."""
        about = {
            "asked": {
                "from": self.first.date().isoformat(),
                "to": self.last.date().isoformat(),
                "draws": self.draws,
                "seconds": self.limits and self.limits.seconds,
                "rounds": self.limits and self.limits.rounds,
            },
            "history": self.past.report.as_document(),
        }
        page = backtest_html(self.result, self.city, first=self.first, last=self.last)
        return {
            "backtest.json": to_json(backtest_document(self.result, self.city, about=about)),
            "backtest.html": page.encode(),
        }


def judge_city(
    loaded: LoadedCity,
    *,
    first: date,
    last: date,
    limits: SolveLimits | None,
    draws: int,
    seed: int,
    cache_dir: Path | None,
    on_night: OnNight | None = None,
    on_message: Callable[[str], None] | None = None,
) -> JudgedCity:
    """
    Judge every policy on the nights that begin on `first` to `last`, both included.

    Parameters
    ----------
    limits
        Of the search for each night with the real vans; None leaves that policy out and needs no streets.

    Raises
    ------
    InvalidInput
        Dates that are reversed, a city without a history, and everything wrong with the history, located.
    """
    if last < first:
        raise InvalidInput(f"--to {last} is before --from {first}")
    past = read_past(loaded, cache_dir=cache_dir, on_message=on_message)
    if past is None:
        raise InvalidInput(
            f"city {loaded.city.id} has no history: put trips or station status over time into its folder history/ "
            "(docs/history.md), or let `evenfleet record` do it"
        )
    nights = night_starts(loaded.city, first, last)
    travel = open_travel(loaded, cache_dir=cache_dir, on_message=on_message) if limits is not None else None
    result = backtest(
        loaded.city,
        past.history,
        nights,
        settings=past.settings,
        plan=None if travel is None or limits is None else _planner(loaded, travel, limits),
        draws=draws,
        seed=seed,
        on_night=on_night,
    )
    if not result.nights:
        reasons = "; ".join(sorted({reason for _, reason in result.skipped}))
        raise InvalidInput(f"no night from {first} to {last} could be judged: {reasons}")
    return JudgedCity(
        city=loaded.city,
        past=past,
        result=result,
        first=nights[0],
        last=nights[-1],
        limits=limits,
        draws=draws,
        warnings=(*loaded.warnings, *past.warnings),
    )


def night_starts(city: City, first: date, last: date) -> list[datetime]:
    """When the night's work begins on each date: the first van's shift that runs at noon or comes next."""
    zone = ZoneInfo(city.time_zone)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [night_start(city, datetime.combine(day, time(12), zone)).astimezone(zone) for day in days]


def _planner(
    loaded: LoadedCity, travel: TravelSource, limits: SolveLimits
) -> Callable[[Snapshot, CityDemand], Mapping[str, int]]:
    def plan(snapshot: Snapshot, demand: CityDemand) -> Mapping[str, int]:
        night = plan_night(
            loaded.city,
            snapshot,
            travel,
            limits=limits,
            demand=demand,
            max_snap_m=loaded.max_snap_m,
            on_far="drop",
        )
        return night.timeline.inventories

    return plan
