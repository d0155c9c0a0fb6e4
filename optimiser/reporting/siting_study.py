"""Everything that is known once a siting study has been solved; all its reports are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from optimiser.basics.finding import Finding
from optimiser.basics.limits import SolveLimits
from optimiser.reporting.siting_car_night import CarNight
from optimiser.reporting.siting_nights import BikeNights
from optimiser.reporting.siting_outlines import Outlines
from optimiser.reporting.street_drawing import StreetLine
from optimiser.siting.comparison import Comparison
from optimiser.siting.front import Front
from optimiser.siting.groups import Groups, groups_of
from optimiser.siting.plugs import Standing, standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.problem.amounts import require
from optimiser.siting.result import SitingResult
from optimiser.siting.sensitivity import Sensitivity

Area = Sequence[Sequence[Sequence[tuple[float, float]]]]
"""Polygons, each its outer ring and its holes, rings of (lon, lat)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionFactors:
    """
    What a kilowatt-hour charged saves; assumptions, shown with every figure that rests on them.

    A car that runs on what is charged drives `1 / kwh_per_km` kilometres per kWh; so many as `replaced_share` tells
    would have been driven on petrol or diesel. E-bikes go much further and take the place of few cars, so what they
    charge is left out unless it is given of how many kilometres that is so.
    """

    kwh_per_km: float = 0.18
    """Of an electric car, losses of charging included."""
    combustion_g_per_km: float = 170.0
    """CO2 of the car that it replaces, from the tank to the wheel."""
    grid_g_per_kwh: float = 300.0
    """CO2 of the electricity."""
    replaced_share: float = 1.0
    ebike_kwh_per_km: float = 0.01
    """Of an e-bike, losses of charging included."""
    ebike_replaced_share: float | None = None
    """Of the kilometres of e-bikes, those that would have been driven by such a car; None = they are left out."""
    source: str = "general assumptions, not the city's own"

    def __post_init__(self) -> None:
        require(
            "emission factors",
            kwh_per_km=self.kwh_per_km,
            combustion_g_per_km=self.combustion_g_per_km,
            grid_g_per_kwh=self.grid_g_per_kwh,
            ebike_kwh_per_km=self.ebike_kwh_per_km,
        )
        require("emission factors", most=1.0, replaced_share=self.replaced_share)
        require("emission factors", most=1.0, ebike_replaced_share=self.ebike_replaced_share or 0.0)

    def avoided_t(self, car_kwh: float, ebike_kwh: float = 0.0) -> float:
        """Tonnes of CO2 that so much charging avoids; negative where the electricity is dirtier than the fuel."""
        grams = self._avoided_g(car_kwh, self.kwh_per_km, self.replaced_share)
        if self.ebike_replaced_share is not None:
            grams += self._avoided_g(ebike_kwh, self.ebike_kwh_per_km, self.ebike_replaced_share)
        return grams / 1e6

    def _avoided_g(self, kwh: float, kwh_per_km: float, replaced_share: float) -> float:
        km = kwh / kwh_per_km if kwh_per_km > 0 else 0.0
        return replaced_share * km * self.combustion_g_per_km - kwh * self.grid_g_per_kwh


@dataclass(frozen=True, kw_only=True)
class Study:
    """A solved siting study with the words and pictures that its reports need."""

    city_id: str
    """By which a later study knows whether it is of the same city."""
    city: str
    """Its name, for people."""
    currency: str
    time_zone: str
    problem: SitingProblem
    """As asked for; what the plan keeps to is told by `result.wishes`."""
    result: SitingResult
    limits: SolveLimits | None = None
    """Of the search; None where nobody says them."""
    attribution: tuple[str, ...] = ()
    """Whom to name for the data."""
    synthetic: tuple[str, ...] = ()
    """What is made up rather than measured, a sentence each."""
    assumed: tuple[str, ...] = ()
    """What was filled in where nobody said it, a sentence each."""
    travel: str = ""
    """How travel times were made."""
    warnings: tuple[Finding, ...] = ()
    off_streets: frozenset[str] = frozenset()
    """Demand points that are too far from the streets to reach any site."""
    street_lines: Sequence[StreetLine] = ()
    """Drawn under the map."""
    outlines: Outlines = field(default_factory=Outlines)
    """Of districts, excluded areas and grid nodes; drawn on the map, and layers of their own."""
    isochrones: Mapping[str, Area] = field(default_factory=dict)
    """From where sites are reached, by site; drawn where a site is built."""
    factors: EmissionFactors = field(default_factory=EmissionFactors)
    front: Front | None = None
    sensitivity: Sensitivity | None = None
    comparison: Comparison | None = None
    """With an earlier study, this one being the second."""
    bike_nights: BikeNights | None = None
    """What its charging docks save the nights of the bike system."""
    car_night: CarNight | None = None
    """What its plugs save the night of the shared cars."""

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """All that the study rests on without anybody having measured or said it."""
        return (*self.synthetic, *self.assumed)

    @cached_property
    def stands(self) -> tuple[Standing, ...]:
        """What stands at the end of each phase."""
        return standing(self.problem, self.result.plan)

    @cached_property
    def groups(self) -> Groups:
        """The demand, merged, for serving it anew."""
        return groups_of(self.problem)

    @property
    def last(self) -> int:
        """The phase in which everything stands."""
        return len(self.problem.wishes.phases) - 1
