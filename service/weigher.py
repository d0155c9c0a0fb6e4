"""Weighs a study by the nights of the city's bikes and cars, as far as its folder has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import ShouldStop
from scenarios.folder import CITY_FILE
from scenarios.loader import find_folder, load_city
from scenarios.relocation.folder import has_fleet
from scenarios.relocation.loader import load_fleet
from scenarios.siting.city import SitingCity
from scenarios.siting.inspection import is_for_bikes
from scenarios.siting.schema import NightsModel
from service.bike_weigher import BikeSystem, bike_system, weigh_bikes
from service.car_weigher import CarSystem, car_system, weigh_cars

if TYPE_CHECKING:
    from optimiser.siting.plan import SitingPlan
    from optimiser.siting.problem import ChargerKind, SitingProblem

WHERE = "siting.weigh_nights"

OnMessage = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Systems:
    """What has nights that a study can change."""

    bikes: BikeSystem | None = None
    cars: CarSystem | None = None

    def __bool__(self) -> bool:
        return self.bikes is not None or self.cars is not None

    def are_told(self, told: Mapping[str, Any]) -> bool:
        """Whether the nights of each are told."""
        bikes = self.bikes is None or told["bike_nights"] is not None
        return bikes and (self.cars is None or told["car_night"] is not None)


def night_systems(
    city: SitingCity,
    kinds: tuple[ChargerKind, ...],
    findings: Findings,
    *,
    cache_dir: Path | None,
    on_message: OnMessage | None = None,
) -> Systems:
    """
    The bikes and the cars of the city's folder, with a warning for what there is that cannot be weighed by.

    Raises
    ------
    InvalidInput
        Everything that is wrong with what the folder says of bikes and cars, and places of theirs off the streets.
    """

    def nothing(code: str, text: str, hint: str, *, of: str = "") -> None:
        findings.warning(code, f"no night{of} is weighed: {text}", source=CITY_FILE, where=WHERE, hint=hint)

    if not is_for_bikes(city.folder) and not has_fleet(city.folder):
        hint = "a folder that `evenfleet plan` or `evenfleet relocate` can plan"
        nothing("no_night", "the city has neither bike stations and vans nor cars and drivers", hint)
        return Systems()
    wrong = Findings()
    loaded: dict[str, Any] = {}
    for name, load in (("bikes", bike_system), ("cars", car_system)):
        with wrong.noting():
            told = partial(nothing, of=f" of the {name}")
            loaded[name] = load(city, kinds, told, cache_dir=cache_dir, on_message=on_message)
    wrong.raise_errors(f"nights of {city.folder.name}")
    return Systems(**loaded)


def wrong_nights(name_or_folder: str | Path) -> tuple[Finding, ...]:
    """What is wrong with what a city says of bikes and cars, where its study cannot be loaded to weigh it by them."""
    findings = Findings()
    for is_there, load in ((is_for_bikes, load_city), (_has_cars, load_fleet)):
        try:
            if is_there(name_or_folder):
                load(name_or_folder)
        except InvalidInput as error:
            findings.extend(item for item in error.findings if item not in findings.items)
    return findings.errors


def _has_cars(name_or_folder: str | Path) -> bool:
    return has_fleet(find_folder(name_or_folder))


def weigh(
    systems: Systems,
    problem: SitingProblem,
    plan: SitingPlan,
    settings: NightsModel,
    limits: SolveLimits,
    *,
    on_message: OnMessage | None = None,
    should_stop: ShouldStop | None = None,
) -> dict[str, Any]:
    """
    `bike_nights` and `car_night` of a study, each None where the city has no such night or it was stopped before.

    `limits` are those of the study: its seed, and its rounds where it counts those instead of seconds.
    """
    seconds = None if limits.seconds is None else settings.seconds
    own = SolveLimits(seconds=seconds, rounds=limits.rounds, seed=limits.seed)
    told: dict[str, Any] = {"bike_nights": None, "car_night": None}
    if systems.bikes is not None:
        told["bike_nights"] = weigh_bikes(
            systems.bikes,
            problem,
            plan,
            settings,
            own,
            on_message=on_message,
            should_stop=should_stop,
        )
    if systems.cars is not None and not (should_stop is not None and should_stop()):
        told["car_night"] = weigh_cars(systems.cars, problem, plan, settings, own, on_message=on_message)
    return told
