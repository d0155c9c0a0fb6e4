"""Weighs a study by the night of its city's shared e-cars: which plugs the fleet can use, and what is assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from scenarios.relocation.folder import has_fleet
from scenarios.relocation.loader import LoadedFleet, load_fleet, open_drive, open_modes
from scenarios.siting.city import SitingCity
from scenarios.siting.schema import NightsModel

if TYPE_CHECKING:
    from optimiser.basics.car_fleet import CarFleet
    from optimiser.network.travel import TravelSource
    from optimiser.relocation.plan import Plan
    from optimiser.reporting.relocation_night import RelocationNight
    from optimiser.reporting.siting_car_night import CarNight
    from optimiser.siting.plan import SitingPlan
    from optimiser.siting.problem import ChargerKind, SitingProblem

OnMessage = Callable[[str], None]
Nothing = Callable[[str, str, str], None]
"""Told, with code, words and hint, why nothing is weighed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarSystem:
    """A city's fleet of cars, and the streets of cars and of each mode by which drivers go."""

    loaded: LoadedFleet
    drive: TravelSource
    ways: Mapping[str, TravelSource]


def car_system(
    city: SitingCity,
    kinds: tuple[ChargerKind, ...],
    nothing: Nothing,
    *,
    cache_dir: Path | None,
    on_message: OnMessage | None,
) -> CarSystem | None:
    """
    The cars of the city's folder; None where it has none, and where no kind of the study charges them, which is told.

    Raises
    ------
    InvalidInput
        Everything that is wrong with what the folder says of cars; streets that cannot be read; a place where a
        driver starts that is off them.
    """
    from optimiser.relocating import reachable

    if not has_fleet(city.folder):
        return None
    loaded = load_fleet(city.folder)
    if all(kind.is_for_bikes for kind in kinds):
        nothing("no_car_plug", "no kind of the study charges cars", 'add [[siting.kinds]] with id = "ac11"')
        return None
    drive = open_drive(loaded, cache_dir=cache_dir, on_message=on_message)
    ways = dict(open_modes(loaded, cache_dir=cache_dir, on_message=on_message))
    reachable(loaded.fleet, drive, ways, max_snap_m=loaded.max_snap_m, on_far="drop", findings=Findings())
    return CarSystem(loaded=loaded, drive=drive, ways=ways)


def weigh_cars(
    system: CarSystem,
    problem: SitingProblem,
    plan: SitingPlan,
    settings: NightsModel,
    limits: SolveLimits,
    *,
    on_message: OnMessage | None = None,
) -> CarNight:
    """Plan the fleet's night without the plugs that the plan builds, and with them."""
    from optimiser.relocating import relocate_night
    from optimiser.reporting.siting_car_night import CarNight
    from optimiser.weighing_cars import weigh_car_night, with_new_plugs

    loaded = system.loaded

    def planned(fleet: CarFleet, start: Plan) -> RelocationNight:
        return relocate_night(
            fleet,
            fleet.as_of,
            system.drive,
            system.ways,
            limits=limits,
            max_snap_m=loaded.max_snap_m,
            on_far="drop",
            start=start,
        )

    fleet = loaded.fleet
    more, new = with_new_plugs(
        fleet, problem, plan, station_m=loaded.station_m, zone_m=loaded.zone_m, free_share=settings.free_share
    )
    without, with_plugs, out = weigh_car_night(fleet, more, planned)
    told = CarNight(
        as_of=fleet.as_of,
        cars=len(fleet.cars),
        low_charge=sum(car.state_of_charge < car.ready_charge and car.plug_id is None for car in fleet.cars),
        without=without,
        with_plugs=with_plugs,
        at_stations=new.at_stations,
        hubs={id_: plugs for id_, plugs in new.hubs.items() if id_ not in out},
        held_by_others=new.held_by_others,
        out_of_reach=sum(plugs for id_, plugs in new.hubs.items() if id_ in out),
        plugs_cost=new.cost,
        nights_a_year=settings.nights_a_year,
        assumptions=_assumptions(loaded, more, settings),
    )
    if on_message is not None:
        on_message(_in_words(told, fleet.currency))
    return told


def _assumptions(loaded: LoadedFleet, more: CarFleet, settings: NightsModel) -> tuple[str, ...]:
    own = {station.id: {plug.id for plug in station.plugs} for station in loaded.fleet.stations}
    plugs = [plug for station in more.stations for plug in station.plugs if plug.id not in own.get(station.id, ())]
    fitting = {connector for car in loaded.fleet.cars for connector in car.connectors}
    unfit = sum(plug.connector not in fitting for plug in plugs)
    free = "All new plugs for cars stand free for the fleet all night (assumed): they save so much at most."
    if settings.free_share < 1:
        free = f"Of the new plugs for cars {settings.free_share:.0%} stand free for the fleet all night."
    where = (
        f"A plug belongs to the station of the fleet within {loaded.station_m:g} m, else to the zone whose middle is "
        f"within {loaded.zone_m:g} m, as cars do; else, and where no bay is left for it there, its site is a charging "
        "hub, from which cars are driven back."
    )
    fits = "Plugs of up to 43 kW are taken for type 2, those of more for CCS."
    if unfit:
        fits += f" {unfit} of the plugs that are free fit no car of the fleet."
    night = (
        "The night is that of the fleet's snapshot; as many cars are low on charge as without the new plugs, though "
        "riders plug in by day as well."
    )
    return free, where, fits, night, f"A year has {settings.nights_a_year:g} such nights."


def _in_words(told: CarNight, currency: str) -> str:
    from optimiser.reporting.words import counted, number

    least, most = told.saved_between
    without, with_plugs = told.without, told.with_plugs
    return (
        f"night of the cars of {told.as_of:%Y-%m-%d}: {counted(told.plugs, 'new plug')} for the fleet; saves "
        f"{counted(round(without.driver_minutes - with_plugs.driver_minutes), 'minute')} of drivers, "
        f"{number(without.cost - with_plugs.cost, 2)} {currency} (proven: {number(least, 2)} to {number(most, 2)} "
        f"{currency})"
    )
