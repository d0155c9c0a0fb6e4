"""What a siting study saves the nights of the bike system: each night's work without its charging docks, and with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from math import fsum
from typing import Any

from optimiser.reporting.key_figures import key_figures
from optimiser.reporting.night import Night
from optimiser.reporting.siting_saved import SavedFigure, is_open, saved_document
from optimiser.siting.money import without_noise


@dataclass(frozen=True, slots=True, kw_only=True)
class NightWork:
    """One planned night, as far as charging docks can change it; money in the city's currency."""

    van_km: float
    van_minutes: float
    """Driving, handling, waiting and breaks."""
    stops: int
    swaps: int
    low_charge_taken: int
    """Bikes low on charge that vans take away."""
    lost_trips: float
    """Expected over the next day."""
    van_cost: float
    """Vans, kilometres, hours and swaps."""
    cost: float
    """All that a night is planned for: lost trips and what else has a price included."""
    best_bound: float
    """No plan of the night costs less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedNight:
    """The same night planned twice."""

    as_of: datetime
    low_charge: int
    """Bikes too low on charge to be rented that evening, those at docks that stand already left out."""
    charged: int
    """Of these, how many stand at docks of the study and need nobody."""
    without: NightWork
    with_docks: NightWork

    @property
    def least_saved(self) -> float:
        """The best plan with docks costs less than the best without by so much at least; proven."""
        return self.without.best_bound - self.with_docks.cost

    @property
    def most_saved(self) -> float:
        """And by so much at most."""
        return self.without.cost - self.with_docks.best_bound


@dataclass(frozen=True, slots=True, kw_only=True)
class BikeNights:
    """All nights that were planned twice, and what that rests on."""

    nights: tuple[WeighedNight, ...]
    """At least one."""
    docks: Mapping[str, int]
    """Docks that the study builds, by station."""
    docks_elsewhere: int
    """Docks that it builds where no station is."""
    docks_cost: float
    """Of those at stations."""
    nights_a_year: float
    van_g_per_km: float
    """CO2 of a van."""
    assumptions: tuple[str, ...]

    def mean(self, name: str) -> tuple[float, float]:
        """A figure of a night without and with docks, the mean of all nights."""
        parts = [[getattr(work, name) for work in (night.without, night.with_docks)] for night in self.nights]
        without, with_docks = (fsum(column) / len(parts) for column in zip(*parts, strict=True))
        return without, with_docks

    def saved(self, name: str) -> float:
        """What docks save of it in a night, the mean of all nights."""
        without, with_docks = self.mean(name)
        return without - with_docks

    @property
    def is_open(self) -> bool:
        """Whether it is proven neither that the best plans save money, nor that they do not."""
        return is_open(*self.cost_saved_between)

    @property
    def years_to_pay(self) -> float | None:
        """After so many years what is saved has paid for the docks; None where nothing is saved, or that is open."""
        a_year = self.saved("cost") * self.nights_a_year
        return self.docks_cost / a_year if a_year > 0 and not self.is_open else None

    @property
    def co2_saved_g(self) -> float:
        """In a night."""
        return self.saved("van_km") * self.van_g_per_km

    @property
    def cost_saved_between(self) -> tuple[float, float]:
        """Between the best plans of a night, the mean of all nights: at least and at most so much; proven."""
        least, most = (
            fsum(getattr(night, name) for night in self.nights) / len(self.nights)
            for name in ("least_saved", "most_saved")
        )
        return least, most


def night_work(night: Night) -> NightWork:
    """The figures of a planned night."""
    figures, result = key_figures(night), night.result
    work = figures.work
    return NightWork(
        van_km=work.driven_km,
        van_minutes=work.van_hours * 60,
        stops=work.stops,
        swaps=work.batteries_swapped,
        low_charge_taken=work.low_charge_picked_up,
        lost_trips=figures.after.expected_lost_trips,
        van_cost=work.cost_van_hours + work.cost_van_km + work.cost_van_use + work.cost_swaps,
        cost=result.objective,
        best_bound=result.best_bound,
    )


def saved_figures(told: BikeNights, currency: str) -> Iterator[SavedFigure]:
    """The mean night without and with docks, in words an operator uses."""
    for name, label, digits in (
        ("van_km", "Driven by vans, km", 1),
        ("van_minutes", "Vans at work, minutes", 0),
        ("stops", "Stops of vans", 1),
        ("swaps", "Batteries swapped", 1),
        ("low_charge_taken", "Bikes low on charge taken away", 1),
        ("lost_trips", "Lost trips expected", 1),
        ("van_cost", f"Vans and swaps, {currency}", 2),
        ("cost", f"All that is planned for, lost trips included, {currency}", 2),
    ):
        without, with_docks = told.mean(name)
        yield SavedFigure(name, label, digits, without, with_docks, (without - with_docks) * told.nights_a_year)
    without, with_docks = (km * told.van_g_per_km / 1000 for km in told.mean("van_km"))
    yield SavedFigure("co2_kg", "CO₂ of vans, kg", 2, without, with_docks, told.co2_saved_g * told.nights_a_year / 1000)


def bike_nights_document(told: BikeNights, currency: str) -> dict[str, Any]:
    """As plain values, for study.json."""
    least, most = told.cost_saved_between
    mean_night, a_year = saved_document([*saved_figures(told, currency)], having="with_docks")
    return {
        "docks": dict(sorted(told.docks.items())),
        "docks_elsewhere": told.docks_elsewhere,
        "docks_cost": without_noise(told.docks_cost),
        "years_to_pay": told.years_to_pay,
        "nights": [
            {
                "as_of": night.as_of.isoformat(),
                "low_charge": night.low_charge,
                "charged": night.charged,
                "without": asdict(night.without),
                "with_docks": asdict(night.with_docks),
                "cost_saved_between": [night.least_saved, night.most_saved],
            }
            for night in told.nights
        ],
        "mean_night": mean_night,
        "saved_a_year": a_year,
        "cost_saved_between": [least, most],
        "nights_a_year": told.nights_a_year,
        "van_g_per_km": told.van_g_per_km,
        "assumptions": list(told.assumptions),
    }
