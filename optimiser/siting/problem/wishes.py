"""What is wished for: phases and their money, floors for districts, what must and must not be built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from optimiser.basics.errors import InvalidProblem
from optimiser.siting.problem.amounts import require


class Measure(StrEnum):
    """What a plan is to bring as much of as possible."""

    PEOPLE = "people"
    """Weight of the demand that is served."""
    ENERGY = "energy"
    """kWh that are charged in a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of building: a year, say. What it builds stays."""

    name: str
    budget: float | None = None
    """Money that comes with it; what is left goes on to the next. None = no limit."""
    weight: float = 1.0
    """What a unit served in it counts, such as years that it lasts, or a discount."""
    growth: Mapping[str, float] = field(default_factory=dict)
    """Demand in it, as a multiple of what is given, by segment; 1 where not told."""

    def __post_init__(self) -> None:
        name = f"phase {self.name}"
        require(name, weight=self.weight, **{f"growth of {segment}": factor for segment, factor in self.growth.items()})
        if self.budget is not None:
            require(name, budget=self.budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way in which demand may turn out."""

    name: str
    probability: float = 1.0
    by_segment: Mapping[str, float] = field(default_factory=dict)
    """Demand as a multiple of what is given; 1 where not told."""
    by_district: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = f"scenario {self.name}"
        require(name, most=1.0, probability=self.probability)
        require(name, **{f"factor of {key}": factor for key, factor in {**self.by_segment, **self.by_district}.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a plan has to keep to, and what it is to bring."""

    phases: tuple[Phase, ...]
    scenarios: tuple[Scenario, ...] = (Scenario(name="as given"),)
    measure: Measure = Measure.PEOPLE
    max_new_sites: int | None = None
    """Over all phases; None = no limit."""
    spacing_m: float = 0.0
    """New sites keep this far from each other, in a straight line."""
    floors: Mapping[str, float] = field(default_factory=dict)
    """Share of a district's demand that is to be served in the last phase, in every scenario."""
    floor: float = 0.0
    """The same for every district that has no floor of its own."""
    force: frozenset[str] = frozenset()
    """Sites at which something has to be built."""
    ban: frozenset[str] = frozenset()
    """Sites at which nothing may be built."""

    def __post_init__(self) -> None:
        if not self.phases or not self.scenarios:
            raise InvalidProblem("wishes: at least one phase and one scenario are needed")
        require("wishes", spacing_m=self.spacing_m)
        require(
            "wishes", most=1.0, floor=self.floor, **{f"floor of {id_}": share for id_, share in self.floors.items()}
        )
        if self.max_new_sites is not None:
            require("wishes", max_new_sites=self.max_new_sites)
        if both := sorted(self.force & self.ban):
            raise InvalidProblem(f"wishes: sites are both forced and banned: {', '.join(both)}")
        total = sum(scenario.probability for scenario in self.scenarios)
        if abs(total - 1.0) > 1e-6:
            raise InvalidProblem(f"wishes: probabilities of scenarios add up to {total:g}, must be 1")
