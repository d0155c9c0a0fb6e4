"""The night of e-cars that was counted by hand, planned, with names and places on a map."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from optimiser.basics.car_fleet import (
    Base,
    CarFleet,
    Driver,
    Grid,
    GridStep,
    Mode,
    ModeKind,
    Plug,
    Prices,
    Station,
    Wish,
    WishSource,
)
from optimiser.basics.car_fleet import Car as FleetCar
from optimiser.basics.result import Result, StopReason
from optimiser.relocation.charging import plug_and_charge
from optimiser.relocation.cost import cost, cost_of
from optimiser.relocation.plan import NOTHING, Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.replay import replay
from optimiser.reporting.night import LeftOut
from optimiser.reporting.relocation_night import RelocationNight
from tests.unit.relocation.nights import PLAN, ROAD_M, night

WISH = Wish(source=WishSource.TARGET, low=1)
NAMES = {"a": "Alma", "b": "Bergen & <b>", "hub": "=Hub"}


def car_fleet(problem: Problem) -> CarFleet:
    """Names and places for a problem of `nights`: a road that runs north."""
    stations = tuple(
        Station(
            id=station.id,
            name=NAMES.get(station.id, station.id),
            lon=12.0,
            lat=57.7 + ROAD_M.get(station.id, 0) / 111_195,
            wish=WISH if len(station.lost_trips) > 1 else Wish(source=WishSource.HUB),
            bays=station.bays,
            plugs=tuple(Plug(id=plug.id, kw=plug.kw, connector=plug.connector) for plug in station.plugs),
            site_kw=station.site_kw,
        )
        for station in problem.stations
    )
    cars = tuple(
        FleetCar(
            id=car.id,
            station_id=car.station_id,
            battery_kwh=car.battery_kwh,
            state_of_charge=car.energy_kwh / car.battery_kwh,
            ready_charge=car.ready_kwh / car.battery_kwh,
            kwh_per_km=car.kwh_per_km,
            charge_kw=car.charge_kw,
            connectors=car.connectors,
        )
        for car in problem.cars
    )
    drivers = tuple(
        Driver(id=driver.id, start_id="home", end_id="home", shift_start=time(23), shift_end=time(7), mode=driver.mode)
        for driver in problem.drivers
    )
    return CarFleet(
        id="road",
        name="Road",
        time_zone="Europe/Stockholm",
        currency="SEK",
        as_of=datetime(2026, 11, 26, 21, tzinfo=UTC),
        stations=stations,
        cars=cars,
        drivers=drivers,
        modes=(Mode(name="bike", kind=ModeKind.FOLDING_BIKE, ride_s=60),),
        prices=Prices(lost_trip=100.0, driver_hour=36.0),
        grid=Grid(steps=(GridStep(begin=time(0), tariff=0.5, co2_kg=0.1),), source="by hand"),
        bases=(Base(id="home", name="Home", lon=12.0, lat=57.7),),
        synthetic=("Everything is made up.",),
        attribution=("© nobody",),
    )


def planned(problem: Problem | None = None, plan: Plan = PLAN, **changes: Any) -> RelocationNight:
    """The night as it would leave the recipe with this plan."""
    problem = night() if problem is None else problem
    before, after = replay(problem, plug_and_charge(problem, NOTHING)), replay(problem, plan)
    plain = replay(problem, plug_and_charge(problem, plan))
    objective = cost(problem, plan).total
    result = Result(
        plan=plan,
        objective=objective,
        best_bound=objective / 2,
        stop_reason=StopReason.TIME_LIMIT,
        seed=1,
        engine="by hand",
        input_hash=problem.input_hash,
        elapsed_s=1.0,
    )
    return RelocationNight(
        **{
            "fleet": car_fleet(problem),
            "problem": problem,
            "result": result,
            "timeline": after,
            "timeline_before": before,
            "timeline_plain": plain,
            "cost_before": cost_of(problem, before),
            "cost_after": cost_of(problem, after),
            "cost_plain": cost_of(problem, plain),
            "left_out": (LeftOut(station_id="far", code="FAR_FROM_STREET", text="300 m away", distance_m=300.0),),
        }
        | changes
    )
