"""What may be built where, and who could charge there: the rows that the models are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.siting.groups import Groups
from optimiser.siting.problem import SitingProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Options:
    """What may be built: a row for each kind at each site, and one column for each plug of it."""

    site: Ints
    kind: Ints
    now: Ints
    """Plugs that stand there already."""
    most: Ints
    """New plugs that may come."""
    first: Ints
    """Where the plugs of each option begin, shape (options + 1,)."""

    @property
    def of_plug(self) -> Ints:
        """Option of each plug."""
        return np.repeat(np.arange(len(self.site)), self.most)


def options_of(problem: SitingProblem, is_left: NDArray[np.bool_]) -> Options:
    """Every kind that may come to a site or stands there; nothing new where a site is not left."""
    rows = [
        (row, column, site.plugs.get(kind.id, 0), problem.may_add(site, kind) if is_left[row] else 0)
        for row, site in enumerate(problem.sites)
        for column, kind in enumerate(problem.kinds)
    ]
    kept = np.array([row for row in rows if row[2] or row[3]], dtype=np.int64).reshape(-1, 4)
    first = np.concatenate([[0], np.cumsum(kept[:, 3])])
    return Options(site=kept[:, 0], kind=kept[:, 1], now=kept[:, 2], most=kept[:, 3], first=first)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Uses:
    """Who may charge where: arcs by kind where plugs can run short, arcs alone where they cannot."""

    arc: Ints
    option: Ints
    """-1 where any kind will do."""
    rate: Floats
    """Sessions an hour of a unit of weight."""


def uses_of(problem: SitingProblem, groups: Groups, options: Options) -> Uses:
    """A use for each arc and each kind at its site that serves its segment; one for all kinds where none runs short."""
    option_of = {key: row for row, key in enumerate(zip(options.site.tolist(), options.kind.tolist(), strict=True))}
    segment = [problem.segment_by_id[problem.demand[row].segment] for row in groups.example.tolist()]
    columns = {kind.id: column for column, kind in enumerate(problem.kinds)}
    arcs, chosen, rates = [], [], []
    for arc, (group, site) in enumerate(zip(groups.arc_group.tolist(), groups.arc_site.tolist(), strict=True)):
        kinds = sorted(columns[id_] for id_ in segment[group].kinds)
        fit = [option_of[site, kind] for kind in kinds if (site, kind) in option_of]
        rate = segment[group].sessions_per_hour
        if fit:
            fit = fit if rate > 0 else [-1]
            arcs += [arc] * len(fit)
            chosen += fit
            rates += [rate] * len(fit)
    return Uses(arc=np.array(arcs, dtype=np.int64), option=np.array(chosen, dtype=np.int64), rate=np.array(rates))
