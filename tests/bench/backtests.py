"""Held-out nights of three real cities: the last four weeks that the shared data knows of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from optimiser.backtest import backtest
from optimiser.basics.city import City, Depot, Handling, Prices, Station, Van
from optimiser.basics.findings import Findings
from optimiser.demand.history import History, status_history
from optimiser.demand.station_targets import DemandSettings
from optimiser.simulation.held_out import Backtest
from optimiser.simulation.policies import Policy
from scenarios.history import read_history
from scenarios.past import public_holidays
from tests.feed_folders import SHARED

NIGHTS, DRAWS, STARTS = 28, 3, time(23)
HEAD = (
    "| city | nights | wanted a day | put back | nothing | half full | proportional | ours | held-out rates | perfect "
    "| of held-out rates | of perfect | predicted / held-out | predicted / lost |"
)


def polled(folder: str, zone: str) -> History:
    """A city of which only polls are known; capacities are the most bikes and docks ever seen together."""
    table = pd.read_parquet(SHARED / folder / "station_status_history.parquet")
    names, station = np.unique(table["station_id"].astype(str), return_inverse=True)
    bikes, docks = table["bikes"].to_numpy(), table["docks"].to_numpy()
    rooms = pd.Series(bikes + docks).groupby(station).max()
    is_open = (table["is_renting"].to_numpy() == 1) & (bikes + docks > 0)
    return History(
        station_ids=tuple(names.tolist()),
        capacities=tuple(int(room) for room in rooms),
        time_zone=zone,
        status=status_history(len(names), station, table["ts"].to_numpy(), bikes=bikes, docks=docks, is_open=is_open),
    )


def ridden() -> History:
    """Bay Area Bike Share, of which only trips are known, read as a user's folder is."""
    stations = pd.read_parquet(SHARED / "bay_area_2014" / "stations.parquet").drop_duplicates("station_id", keep="last")
    findings = Findings()
    with TemporaryDirectory() as scratch:
        (Path(scratch) / "history").mkdir()
        (Path(scratch) / "history" / "trips.parquet").symlink_to(SHARED / "bay_area_2014" / "trips.parquet")
        read = read_history(
            Path(scratch),
            station_ids=[str(id_) for id_ in stations["station_id"]],
            capacities=[int(docks) for docks in stations["dock_count"]],
            station_names=list(stations["name"]),
            time_zone="America/Los_Angeles",
            naive_zone=None,
            findings=findings,
        )
    assert read is not None, findings.errors
    return read.history


def measure() -> str:
    """A table in Markdown."""
    if not SHARED.is_dir():
        return "Not measured: the shared data is not on this machine."
    cities: dict[str, tuple[Callable[[], History], date, str]] = {
        "Oslo, polls": (lambda: polled("oslo", "Europe/Oslo"), date(2023, 7, 17), "NO"),
        "Bay Wheels, polls": (lambda: polled("bay_wheels", "America/Los_Angeles"), date(2023, 5, 10), "US-CA"),
        "Bay Area 2014, trips": (ridden, date(2014, 9, 1), "US-CA"),
    }
    rows = [_row(name, load(), first, country) for name, (load, first, country) in cities.items()]
    told = (
        f"The last four weeks of each, planned at {STARTS:%H:%M} from the days before each night alone, {DRAWS} draws "
        "of what nobody saw. Rentals and returns wanted a day, and the share of them that was put back. Trips lost per "
        "night: nothing moved, every station half full, all as full as the fleet, ours with unlimited vans and the "
        "same bikes, split by rates of the judged days themselves, and by perfect foresight. *of held-out rates*: "
        "share of their gain over doing nothing, by these rates; *of perfect*: by the replay. Predictions are those "
        "for doing nothing and for ours."
    )
    return "\n".join([told, "", HEAD, "|---|" + "---:|" * 13, *rows])


def judged(history: History, first: date, country: str) -> Backtest:
    """The four weeks that begin on a day."""
    zone = ZoneInfo(history.time_zone)
    nights = [datetime.combine(first + timedelta(days=number), STARTS, zone) for number in range(NIGHTS)]
    settings = DemandSettings(holidays=public_holidays(country))
    return backtest(_city(history), history, nights, settings=settings, draws=DRAWS)


def _row(name: str, history: History, first: date, country: str) -> str:
    result = judged(history, first, country)
    order = (
        *(Policy.NOTHING, Policy.HALF_FULL, Policy.PROPORTIONAL, Policy.UNLIMITED),
        *(Policy.HELD_OUT_RATES, Policy.PERFECT),
    )
    lost = " | ".join(f"{result.lost(policy).mean:,.0f}" for policy in order)
    wanted = sum(night.wanted for night in result.nights) / len(result.nights)
    restored = sum(night.restored for night in result.nights) / len(result.nights)
    return (
        f"| {name} | {len(result.nights)} | {wanted:,.0f} | {restored:.0%} | {lost} "
        f"| {result.share_of(Policy.UNLIMITED, Policy.HELD_OUT_RATES, 'under_held_out') or 0:.0%} "
        f"| {result.share_of(Policy.UNLIMITED, Policy.PERFECT) or 0:.0%} "
        f"| {predicted(result, 'under_held_out')} | {predicted(result, 'realised')} |"
    )


def predicted(result: Backtest, part: str) -> str:
    """Predicted trips over those of the part, for doing nothing and for ours."""
    return ", ".join(f"{result.calibration(policy, part) or 0:.2f}" for policy in (Policy.NOTHING, Policy.UNLIMITED))


def _city(history: History) -> City:
    """Stations without places: a backtest without vans asks for none."""
    van = Van(
        id="van",
        slots=20,
        initial_load=0,
        start_depot_id="depot",
        end_depot_id="depot",
        shift_start=STARTS,
        shift_end=time(5, 30),
    )
    return City(
        id="bench",
        name="Bench",
        time_zone=history.time_zone,
        currency="EUR",
        stations=tuple(
            Station(id=id_, name=id_, lon=0.0, lat=0.0, capacity=max(1, capacity))
            for id_, capacity in zip(history.station_ids, history.capacities, strict=True)
        ),
        depots=(Depot(id="depot", name="Depot", lon=0.0, lat=0.0),),
        vans=(van,),
        handling=Handling(stop_s=240, bike_s=45),
        prices=Prices(lost_trip=1.0, van_hour=1.0, van_km=1.0, van_use=1.0),
    )
