"""How long drivers wait at the plugs of a site in its busiest hour (Erlang C), as the worst scenario has it."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.reporting.siting_flows import Flows
from optimiser.siting.plugs import Standing
from optimiser.siting.waiting import erlang_c, mean_wait_minutes, waiting_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Plugs of one kind at one site."""

    site_id: str
    kind_id: str
    plugs: int
    new_plugs: int
    sessions_per_hour: float
    """That begin in the busiest hour."""
    most_per_hour: float
    """As many may begin while waiting stays within its limit."""
    waiting_probability: float
    """Of the drivers who come, the share that finds every plug taken."""
    long_wait_share: float
    """Of the drivers who come, the share that waits longer than the limit of the kind."""
    mean_wait_minutes: float | None
    """Over all who come; None where the queue would only grow."""


def waits(flows: Flows, stand: Standing) -> dict[tuple[str, str], Wait]:
    """By site and kind, wherever plugs stand."""
    problem, told = flows.problem, {}
    column = {kind.id: number for number, kind in enumerate(problem.kinds)}
    for (site_id, kind_id), plugs in sorted(stand.plugs.items()):
        if plugs < 1:
            continue
        kind = problem.kind_by_id[kind_id]
        rate = float(flows.busiest[problem.site_index[site_id], column[kind_id]])
        minutes = kind.session_minutes
        told[site_id, kind_id] = Wait(
            site_id=site_id,
            kind_id=kind_id,
            plugs=plugs,
            new_plugs=stand.new[site_id, kind_id],
            sessions_per_hour=rate,
            most_per_hour=kind.sessions_per_hour(plugs),
            waiting_probability=erlang_c(plugs, rate * minutes / 60.0) if rate > 0 else 0.0,
            long_wait_share=waiting_share(
                plugs, per_hour=rate, session_minutes=minutes, max_wait_minutes=kind.max_wait_minutes
            ),
            mean_wait_minutes=mean_wait_minutes(plugs, per_hour=rate, session_minutes=minutes),
        )
    return told
