"""What a siting study answers: the plan, what it brings, what none can exceed, and which wishes could not be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from optimiser.basics.result import StopReason, Violation, relative_gap
from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import Wishes
from optimiser.siting.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """What is to be asked for instead, all of it together; None, or nothing, of what may stay as it is."""

    budget: float | None = None
    """Of all phases."""
    max_new_sites: int | None = None
    spacing_m: int | None = None
    grid_kw: Mapping[str, float] = field(default_factory=dict, hash=False)
    """What nodes have to carry, once upgraded where they can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A wish that cannot be kept, and the nearest one that can."""

    rule: str
    """The name that the checker has for it."""
    ids: tuple[str, ...]
    asked: float
    possible: float
    """The nearest to it that is known to be had, in the same unit."""
    is_proven: bool
    """Whether it is proven that no plan at all could do better than `possible`; otherwise none was found that does."""
    is_impossible: bool
    """Whether it is proven that no plan keeps it as asked beside the others; otherwise more time may find one."""
    text: str
    """What cannot be, why, and what could."""
    instead: Instead = Instead()
    """Limits with which the wishes would be kept, where such are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingResult:
    """A checked plan with its quality and everything needed to get it again."""

    plan: SitingPlan
    wishes: Wishes
    """What the plan keeps to: what was asked for, but for `conflicts`."""
    conflicts: tuple[Conflict, ...]
    value: float
    """What the plan brings in the measure asked for, recomputed from it."""
    upper_bound: float
    """No plan can bring more; proven."""
    status: Status
    stop_reason: StopReason
    seed: int
    engine: str
    """Name and version."""
    input_hash: str
    elapsed_s: float
    refused: tuple[Violation, ...] = ()
    """Rules broken by plans that the search offered and the checker refused; empty unless the engine has a bug."""

    @property
    def gap(self) -> float:
        """How much more than the plan the best possible may bring, relative to it; 0 is proven best."""
        return relative_gap(self.upper_bound, self.value)
