"""Which cars gain from power tonight, and whose readiness is open: a choice is left only where it can matter."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

from optimiser.relocation.charging.visits import CarNight, full_course
from optimiser.relocation.cost import TINY_KWH, can_be_rented
from optimiser.relocation.problem import Problem, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What power is worth for one car."""

    night: CarNight
    course: list[list[float]]
    """Energy of each visit if it has all the power, see `full_course`."""
    goal_kwh: float
    must_kwh: float
    is_open: bool
    """Whether it is ready at opening only with power, which is possible, and whether that can change the cost."""
    may_hurt: bool = False
    """Whether one more ready car may cost something where it stands."""

    @property
    def most_kwh(self) -> float:
        """In the battery at opening at most."""
        return self.before_leg(len(self.night.visits)) - self.night.used_kwh[-1]

    def before_leg(self, leg: int) -> float:
        """In the battery before a leg at most."""
        return self.course[leg - 1][-1] if leg else self.night.car.energy_kwh

    @property
    def is_driven_too_far(self) -> bool:
        """Whether no power is enough for its drives."""
        return any(needed > self.before_leg(leg) + TINY_KWH / 2 for leg, needed in enumerate(self.night.needed_kwh))

    def wants_power(self, problem: Problem) -> bool:
        """Whether power may be worth its price, or is needed for a drive."""
        if not self.night.visits:
            return False
        idle, driven = self.night.car.energy_kwh, False
        for used, needed in zip(self.night.used_kwh, self.night.needed_kwh, strict=True):
            driven = driven or needed > idle
            idle -= used
        misses_goal = problem.prices.missing_kwh > 0 and self.goal_kwh > idle
        misses_must = problem.prices.must > 0 and self.must_kwh > idle
        return driven or misses_goal or misses_must or self.is_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Ready cars by station: those that are ready whatever is charged, and those that may be."""

    sure: Counter[str]
    open: Counter[str]

    def lost(self, problem: Problem, station_id: str) -> list[float]:
        """Expected trips lost at a station with 0, 1, .. of its open cars ready."""
        station, sure = problem.station_by_id[station_id], self.sure[station_id]
        return [station.lost(sure + ready) for ready in range(self.open[station_id] + 1)]

    def of_zone(self, zone: Zone) -> tuple[int, int]:
        """Sure and open cars of a zone."""
        ids = set(zone.station_ids)
        return sum(self.sure[id_] for id_ in ids), sum(self.open[id_] for id_ in ids)

    def stations(self, problem: Problem) -> set[str]:
        """Stations where the number of ready cars can change the trips lost."""
        if problem.prices.lost_trip == 0:
            return set()
        return {id_ for id_, count in self.open.items() if count and len(set(self.lost(problem, id_))) > 1}

    def zones(self, problem: Problem) -> list[Zone]:
        """Zones whose price the number of ready cars can change."""
        if problem.prices.zone_car == 0:
            return []
        return [zone for zone in problem.zones if self._falls_short(zone) or self.may_exceed(zone)]

    def _falls_short(self, zone: Zone) -> bool:
        sure, left = self.of_zone(zone)
        return left > 0 and zone.floor is not None and zone.floor > sure

    def may_exceed(self, zone: Zone) -> bool:
        """Whether a zone may open with more ready cars than its cap."""
        sure, left = self.of_zone(zone)
        return left > 0 and zone.cap is not None and zone.cap < sure + left


def wishes_of(problem: Problem, nights: tuple[CarNight, ...]) -> tuple[tuple[Wish, ...], Counts]:
    """Every car's wish, in the order of the nights, and the cars that can be ready."""
    must_kwh = {must.car_id: must.energy_kwh for must in problem.musts}
    sure: Counter[str] = Counter()
    left: Counter[str] = Counter()
    wishes = []
    for night in nights:
        wish = Wish(
            night=night,
            course=full_course(problem, night),
            goal_kwh=night.car.goal_kwh,
            must_kwh=must_kwh.get(night.car.id, 0.0),
            is_open=False,
        )
        if can_be_rented(problem, night.car):
            enough = night.car.ready_kwh - TINY_KWH
            if night.idle_kwh >= enough:
                sure[night.station_id] += 1
            elif wish.most_kwh >= enough:
                left[night.station_id] += 1
                wish = replace(wish, is_open=True)
        wishes.append(wish)
    counts = Counts(sure=sure, open=left)
    return tuple(_weighed(problem, wishes, counts)), counts


def _weighed(problem: Problem, wishes: list[Wish], counts: Counts) -> list[Wish]:
    """The same, open only where it can change the cost."""
    zones, stations = counts.zones(problem), counts.stations(problem)
    matters = stations | {id_ for zone in zones for id_ in zone.station_ids}
    hurts = {id_ for zone in zones if counts.may_exceed(zone) for id_ in zone.station_ids}
    for id_ in stations:
        lost = counts.lost(problem, id_)
        if any(more > less for less, more in pairwise(lost)):
            hurts.add(id_)
    return [
        replace(wish, is_open=wish.night.station_id in matters, may_hurt=wish.night.station_id in hurts)
        if wish.is_open
        else wish
        for wish in wishes
    ]
