"""A loaded city's past: its history, holidays and weather, and what it says of any moment."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import holidays

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.demand.city_demand import CityDemand, fit_demand
from optimiser.demand.history import History
from optimiser.demand.station_targets import DemandSettings
from scenarios.feed import named
from scenarios.history import HistoryReport, read_history
from scenarios.history.days import read_days
from scenarios.history.files import FOLDER
from scenarios.loader import LoadedCity

HOLIDAY_YEARS = (2005, 2055)
STALE_DAYS = 14
SHORT_DAYS = 7


@dataclass(frozen=True, eq=False, kw_only=True)
class Past:
    """What is known of a city's past."""

    history: History
    report: HistoryReport
    settings: DemandSettings
    warnings: tuple[Finding, ...]


def read_past(
    loaded: LoadedCity, *, cache_dir: Path | None = None, on_message: Callable[[str], None] | None = None
) -> Past | None:
    """
    The city's past from its folder's `history/`; None where there is none.

    Raises
    ------
    InvalidInput
        Every error of the files, located.
    """
    folder = loaded.folder
    if folder is None or not (folder / FOLDER).is_dir():
        return None
    city, findings = loaded.city, Findings()
    read = read_history(
        folder,
        station_ids=[station.id for station in city.stations],
        capacities=[station.capacity for station in city.stations],
        station_names=[station.name for station in city.stations],
        time_zone=city.time_zone,
        naive_zone=loaded.reading.time_zone,
        findings=findings,
        cache_dir=cache_dir,
        on_message=on_message,
    )
    own_holidays, weather = read_days(folder, findings)
    findings.raise_errors(f"history of {city.id}")
    if read is None:
        return None
    settings = DemandSettings(
        slot_minutes=loaded.aims.slot_minutes,
        window_days=loaded.reading.window_days,
        service_level=loaded.aims.service_level,
        lost_return=loaded.aims.lost_return,
        crowding=loaded.aims.crowding,
        holidays=own_holidays | public_holidays(loaded.reading.holidays),
        weather=weather or None,
    )
    return Past(history=read.history, report=read.report, settings=settings, warnings=findings.warnings)


def public_holidays(code: str | None) -> frozenset[date]:
    """Public holidays of a country, or of a part of it, over half a century."""
    if code is None:
        return frozenset()
    country, _, part = code.partition("-")
    with warnings.catch_warnings():
        # Of countries whose calendar of feasts is known for fewer years.
        warnings.simplefilter("ignore", UserWarning)
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=range(*HOLIDAY_YEARS)))


def demand_at(past: Past, as_of: datetime, findings: Findings) -> CityDemand | None:
    """Demand from what was known before `as_of`; None, with a warning, where nothing was."""
    try:
        demand = fit_demand(past.history, as_of_ts=int(as_of.timestamp()), settings=past.settings)
    except InvalidInput as error:
        hint = "a history that begins earlier, or a later moment"
        findings.warning("history_later", f"{error.what}; targets are the default", source="history", hint=hint)
        return None
    days = int(demand.rates.watched.sum())
    age_days = (demand.as_of_ts - demand.last_ts) / 86_400
    if age_days > STALE_DAYS:
        hint = "record the feed every day: evenfleet record"
        text = f"ends {age_days:.0f} days before the plan; demand is that of then"
        findings.warning("history_stale", text, source="history", value=round(age_days), hint=hint)
    if days < SHORT_DAYS:
        text = f"holds {days} days before the plan; targets will be rough"
        findings.warning("history_short", text, source="history", value=days, hint="four weeks or more")
    unknown = [id_ for id_, known in zip(demand.station_ids, demand.rates.is_known, strict=True) if not known]
    if unknown:
        text = f"{len(unknown)} stations were watched for too short to have rates of their own: {named(unknown)}"
        findings.warning(
            "station_without_rates",
            f"{text}; their targets are the default",
            source="history",
            value=len(unknown),
            hint="two days in which bikes, and two in which docks, were to be had",
        )
    return demand
