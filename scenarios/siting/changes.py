"""Wishes that are given with a study instead of in its file: on the command line, or over HTTP."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, ModelWrapValidatorHandler, model_validator
from pydantic_core import InitErrorDetails

from optimiser.siting.problem import Measure
from scenarios.feed import some
from scenarios.raw_rows import as_id, items
from scenarios.schema_errors import custom_error, validated
from scenarios.schema_fields import Figure, Id, Part
from scenarios.siting.schema import Money, PhaseModel, Share, SitingModel


class ChangesModel(Part):
    """What replaces the wishes of `[siting]`; what is not given stays as it is there."""

    measure: Measure | None = None
    max_new_sites: Annotated[int, Field(ge=0, le=100_000), Figure] | None = None
    budget: Money | None = None
    """Of all phases together, shared among them in proportion to their own; evenly where they have none."""
    phases: Annotated[int, Field(ge=1, le=30), Figure] | None = None
    """So many, alike, instead of those of the file."""
    floor: Share | None = None
    """Of every district, also of those that have a floor of their own."""
    force: Annotated[tuple[Id, ...], Field(max_length=10_000)] = ()
    """More sites at which something has to be built; they are not banned then."""
    ban: Annotated[tuple[Id, ...], Field(max_length=100_000)] = ()
    """More sites at which nothing may be built; they are not forced then."""

    @model_validator(mode="wrap")
    @classmethod
    def _every_error_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[ChangesModel]) -> ChangesModel:
        # Pydantic stops before what is between two fields when one of them, or another, is wrong.
        between = list(_force_and_ban(data)) if isinstance(data, Mapping) else []
        return validated(cls.__name__, handler, data, between)


def _force_and_ban(wishes: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Sites that raw wishes have in both."""
    forced, banned = ({as_id(item) for _, item in items(wishes.get(name), ())} for name in ("force", "ban"))
    if both := sorted(id_ for id_ in forced & banned if id_ is not None):
        text = f"sites are both forced and banned: {some(both)}"
        yield custom_error("force_and_ban", text, at=(), hint="leave each in one of the two")


def changed(siting: SitingModel, changes: ChangesModel) -> SitingModel:
    """The study with these wishes instead of its own."""
    given = {
        name: value for name in ("measure", "max_new_sites", "floor") if (value := getattr(changes, name)) is not None
    }
    if changes.floor is not None:
        given["floors"] = {}
    given["force"] = tuple(dict.fromkeys((*(id_ for id_ in siting.force if id_ not in changes.ban), *changes.force)))
    given["ban"] = tuple(dict.fromkeys((*(id_ for id_ in siting.ban if id_ not in changes.force), *changes.ban)))
    given["phases"] = _phases(siting.phases, changes)
    return siting.model_copy(update=given)


def _phases(phases: tuple[PhaseModel, ...], changes: ChangesModel) -> tuple[PhaseModel, ...]:
    own = [phase.budget for phase in phases]
    if changes.phases is not None:
        money = [budget for budget in own if budget is not None]
        share = math.fsum(money) / changes.phases if money and len(money) == len(own) else None
        phases = tuple(PhaseModel(name=f"phase {number}", budget=share) for number in range(1, changes.phases + 1))
    if changes.budget is None:
        return phases
    phases = phases or (PhaseModel(name="all at once"),)
    budgets = [phase.budget for phase in phases]
    known = [budget for budget in budgets if budget is not None]
    total = math.fsum(known)
    shares = [budget / total for budget in known] if len(known) == len(budgets) and total > 0 else None
    parts = shares or [1 / len(phases)] * len(phases)
    return tuple(
        phase.model_copy(update={"budget": changes.budget * part}) for phase, part in zip(phases, parts, strict=True)
    )
