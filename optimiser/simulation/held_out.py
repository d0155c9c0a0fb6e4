"""What held-out nights tell: trips lost by policy, how sure that is, and how well they had been predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from optimiser.simulation.policies import Policy

RESAMPLES = 2000
CONFIDENCE = 0.95
BINS = 10

Floats = NDArray[np.float64]


class StationClass(StrEnum):
    """What the coming day is expected to do to a station."""

    DRAINS = "drains"
    """Rentals exceed returns by more than a tenth of both together."""
    FILLS = "fills"
    """The other way round."""
    BALANCED = "balanced"
    QUIET = "quiet"
    """Fewer than ten rentals and returns a day."""


def station_class(rentals: float, returns: float) -> StationClass:
    """Class of a station by what is wanted on the coming day."""
    both = rentals + returns
    if both < 10:
        return StationClass.QUIET
    if abs(rentals - returns) <= both / 10:
        return StationClass.BALANCED
    return StationClass.DRAINS if rentals > returns else StationClass.FILLS


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """One policy on one night; by station of the night, shape (m,) unless said otherwise."""

    opening: NDArray[np.int64]
    realised: Floats
    """Trips lost in the replay, mean over draws of what nobody saw."""
    predicted: Floats
    """Trips expected to be lost when the plan was made."""
    under_held_out: Floats
    """Trips expected to be lost under rates fitted to the held-out days, at that day's activity."""
    realised_by_hour: Floats
    """Summed over stations, by hour after the start; shape (24,)."""
    predicted_by_hour: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class NightOutcome:
    """One held-out night."""

    as_of: datetime
    station_ids: tuple[str, ...]
    """Stations that take part: seen at `as_of`, with rates, and watched for most of the day."""
    classes: tuple[StationClass, ...]
    bikes: int
    """At these stations at `as_of`."""
    wanted: float
    """Rentals and returns wanted on the day, what was turned away included; mean over draws."""
    restored: float
    """Share of them that nobody saw."""
    outcomes: Mapping[Policy, Outcome]

    def lost(self, policy: Policy) -> float:
        """Trips lost in the replay."""
        return float(self.outcomes[policy].realised.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over nights with its bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Station-nights of similar prediction."""

    count: int
    predicted: float
    """Mean trips per station and night."""
    realised: float
    low: float
    """Bootstrap interval of `realised`."""
    high: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """All held-out nights of a city, in order."""

    nights: tuple[NightOutcome, ...]
    skipped: tuple[tuple[datetime, str], ...]
    """Nights that could not be judged, and why."""
    seed: int

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Policies that every night has, in their usual order."""
        return tuple(
            policy for policy in Policy if self.nights and all(policy in night.outcomes for night in self.nights)
        )

    def per_night(self, policy: Policy, part: str = "realised") -> Floats:
        """Trips lost of each night: `realised`, `predicted` or `under_held_out`."""
        return np.array([getattr(night.outcomes[policy], part).sum() for night in self.nights])

    def avoided(self, policy: Policy) -> Estimate:
        """Lost trips avoided per night beside doing nothing."""
        return self._mean(self.per_night(Policy.NOTHING) - self.per_night(policy))

    def lost(self, policy: Policy) -> Estimate:
        """Lost trips per night."""
        return self._mean(self.per_night(policy))

    def share_of(self, policy: Policy, best: Policy, part: str = "realised") -> float | None:
        """Gain of a policy over doing nothing as a share of that of the best; None where that gains nothing."""
        nothing = self.per_night(Policy.NOTHING, part).sum()
        gain = nothing - self.per_night(best, part).sum()
        return float((nothing - self.per_night(policy, part).sum()) / gain) if gain > 0 else None

    def calibration(self, policy: Policy, part: str = "realised") -> float | None:
        """Predicted trips over those `realised`, or over those expected `under_held_out` rates."""
        lost = self.per_night(policy, part).sum()
        return float(self.per_night(policy, "predicted").sum() / lost) if lost > 0 else None

    def reliability(self, policy: Policy) -> tuple[Bin, ...]:
        """Realised against predicted trips in bins of equally many station-nights, fewest predicted first."""
        predicted = np.concatenate([night.outcomes[policy].predicted for night in self.nights])
        realised = np.concatenate([night.outcomes[policy].realised for night in self.nights])
        order = np.argsort(predicted, kind="stable")
        bins = []
        for rows in np.array_split(order, min(BINS, len(order))):
            if len(rows):
                low, high = _interval(realised[rows], self.seed)
                bins.append(
                    Bin(
                        count=len(rows),
                        predicted=float(predicted[rows].mean()),
                        realised=float(realised[rows].mean()),
                        low=low,
                        high=high,
                    )
                )
        return tuple(bins)

    def by_class(self, policy: Policy) -> dict[StationClass, tuple[int, float, float]]:
        """For each class of station: station-nights, and trips lost per night, realised and predicted."""
        sums = {kind: [0, 0.0, 0.0] for kind in StationClass}
        for night in self.nights:
            outcome = night.outcomes[policy]
            for row, kind in enumerate(night.classes):
                sums[kind][0] += 1
                sums[kind][1] += float(outcome.realised[row])
                sums[kind][2] += float(outcome.predicted[row])
        nights = len(self.nights)
        return {kind: (int(count), lost / nights, told / nights) for kind, (count, lost, told) in sums.items()}

    def by_hour(self, policy: Policy) -> tuple[Floats, Floats]:
        """Trips lost per night by hour after the start, realised and predicted; shape (24,) each."""
        outcomes = [night.outcomes[policy] for night in self.nights]
        realised = np.mean([outcome.realised_by_hour for outcome in outcomes], axis=0)
        return realised, np.mean([outcome.predicted_by_hour for outcome in outcomes], axis=0)

    def _mean(self, values: Floats) -> Estimate:
        low, high = _interval(values, self.seed)
        return Estimate(mean=float(values.mean()), low=low, high=high)


def _interval(values: Floats | Sequence[float], seed: int) -> tuple[float, float]:
    """Percentile bootstrap of the mean (Efron 1979, Annals of Statistics 7)."""
    data = np.asarray(values)
    random = np.random.default_rng(seed)
    # In blocks, so that many station-nights do not fill memory.
    block = max(1, min(RESAMPLES, 2_000_000 // len(data)))
    means = [
        data[random.integers(0, len(data), (min(block, RESAMPLES - done), len(data)))].mean(axis=1)
        for done in range(0, RESAMPLES, block)
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
