"""What a study tells of each phase and of each grid node: money, sites, plugs, people, energy, power."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimiser.reporting.siting_flows import Flows
from optimiser.reporting.siting_study import Study
from optimiser.siting.cost import PhaseCost, cost
from optimiser.siting.money import without_noise
from optimiser.siting.plan import SitingPlan
from optimiser.siting.plugs import held_kw, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseOutcome:
    """One phase; what is served is as expected over scenarios, once everything of the phase stands."""

    name: str
    cost: PhaseCost
    budget: float | None
    """That comes with it; None = no limit."""
    money_left: float | None
    """After it, of all that has come by then; None from the first phase without a limit on."""
    new_sites: int
    """Opened in it."""
    extended_sites: int
    """Where chargers stood before the first phase and plugs are added in this one, for the first time or again."""
    plugs: Mapping[str, int]
    """Added, by kind."""
    people: float
    """Demand in this phase."""
    served: float
    served_before: float
    """That would be served with nothing built at all."""
    covered_share: float | None
    kwh_a_year: float
    kwh_a_year_before: float
    co2_avoided_t: float
    """A year, by what is charged beyond what would be with nothing built; of e-bikes only where a factor is given."""

    @property
    def total_cost(self) -> float:
        """Of all that is paid in it."""
        return without_noise(self.cost.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePhase:
    """A grid node once everything of a phase stands."""

    phase: str
    held_kw: float
    carried_kw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOutcome:
    """A grid node in the last phase, and in those before it."""

    id: str
    hosting_kw: float
    """Without an upgrade."""
    upgrade_kw: float
    """That an upgrade adds, bought or not; 0 where none is offered."""
    upgraded_in: str | None
    """Phase; None where the upgrade is not bought."""
    upgrade_cost: float
    """Of the upgrade, bought or not."""
    held_before_kw: float
    held_kw: float
    phases: tuple[NodePhase, ...]

    @property
    def is_upgraded(self) -> bool:
        """Whether the upgrade is bought."""
        return self.upgraded_in is not None

    @property
    def carried_kw(self) -> float:
        """All that it can hold ready now; what stood there before is granted."""
        return self.phases[-1].carried_kw

    @property
    def carried_before_kw(self) -> float:
        """The same before anything is built."""
        return max(self.hosting_kw, self.held_before_kw)


def phase_outcomes(
    study: Study, by_phase: Sequence[Flows], before: Sequence[Flows], covered: Sequence[float | None]
) -> tuple[PhaseOutcome, ...]:
    """All phases in order."""
    problem, plan = study.problem, study.result.plan
    existing = {site.id for site in problem.sites if site.is_required}
    seen: set[str] = set()
    money: float | None = 0.0
    outcomes = []
    phases = zip(problem.wishes.phases, cost(problem, plan), by_phase, before, covered, strict=True)
    for number, (phase, paid, flows, earlier, share) in enumerate(phases):
        money = None if money is None or phase.budget is None else money + phase.budget - paid.total
        added = [item for item in plan.installations if item.phase == number]
        got = {item.site_id for item in added}
        opened = got - existing - seen
        seen |= got
        plugs: Counter[str] = Counter()
        for item in added:
            plugs[item.kind_id] += item.plugs
        kwh, kwh_before = float(flows.kwh.sum()), float(earlier.kwh.sum())
        outcomes.append(
            PhaseOutcome(
                name=phase.name,
                cost=PhaseCost(
                    sites=without_noise(paid.sites),
                    plugs=without_noise(paid.plugs),
                    upgrades=without_noise(paid.upgrades),
                ),
                budget=None if phase.budget is None else without_noise(phase.budget),
                money_left=None if money is None else without_noise(money),
                new_sites=len(opened),
                extended_sites=len(got & existing),
                plugs={kind.id: plugs[kind.id] for kind in problem.kinds if plugs[kind.id]},
                people=float(flows.demand.sum()),
                served=float(flows.served.sum()),
                served_before=float(earlier.served.sum()),
                covered_share=share,
                kwh_a_year=kwh,
                kwh_a_year_before=kwh_before,
                co2_avoided_t=study.factors.avoided_t(
                    kwh - flows.ebike_kwh - (kwh_before - earlier.ebike_kwh), flows.ebike_kwh - earlier.ebike_kwh
                ),
            )
        )
    return tuple(outcomes)


def node_outcomes(study: Study) -> tuple[NodeOutcome, ...]:
    """All grid nodes in order."""
    problem, phases = study.problem, study.problem.wishes.phases
    held_before = held_kw(problem, standing(problem, SitingPlan())[0])
    held = [held_kw(problem, stand) for stand in study.stands]
    upgraded = {item.node_id: phases[item.phase].name for item in study.result.plan.upgrades}
    return tuple(
        NodeOutcome(
            id=node.id,
            hosting_kw=node.hosting_kw,
            upgrade_kw=node.upgrade_kw,
            upgraded_in=upgraded.get(node.id),
            upgrade_cost=node.upgrade_cost,
            held_before_kw=float(held_before[node.id]),
            held_kw=float(held[-1][node.id]),
            phases=tuple(
                NodePhase(
                    phase=phase.name,
                    held_kw=float(by_node[node.id]),
                    carried_kw=max(node.hosting_kw, held_before[node.id])
                    + (node.id in stand.upgraded) * node.upgrade_kw,
                )
                for phase, stand, by_node in zip(phases, study.stands, held, strict=True)
            ),
        )
        for node in problem.grid
    )
