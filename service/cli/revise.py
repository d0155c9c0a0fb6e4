"""`evenfleet revise CITY PLAN TOLD`: the rest of a running night."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.text import Text

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.reporting.wishes import left_undone
from scenarios.schema_errors import findings_of
from service.cli.files import try_folder, write_all
from service.cli.plan import AsJson, CityArgument, show, tell_wishes
from service.cli.terminal import (
    MUST_DO_LEFT,
    ProgressView,
    stop_on_interrupt,
    talk,
    tell,
    tell_warnings,
    told_errors,
)
from service.errors import ServiceError
from service.jobs.bodies import read_json
from service.planner import PlannedNight, PlanRequest
from service.plans.revision_checks import read_asked
from service.plans.shapes import RevisionRequest
from service.revisor import RevisionTask, Step, in_city, revised_night, step_of
from service.settings import Settings

STEPS = "revision.json"
"""What was told of the night so far, beside the plan of its rest, so that this can be revised again."""


class Steps(BaseModel):
    """All that was told of one night, and the plans that held until then."""

    model_config = ConfigDict(extra="forbid")

    steps: list[Step]


def revise(
    city: CityArgument,
    plan: Annotated[Path, typer.Argument(help="The plan that is driven: a folder written by `plan` or `revise`.")],
    told: Annotated[
        Path, typer.Argument(help="What has happened, as the API is told it: a JSON file, see docs/api.md.")
    ],
    *,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, max=3_600, help="How long to search; default: as told, else 5.")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="Search exactly so many steps instead: repeatable on any machine.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Another seed, another search.")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for the files; default: PLAN-revised.")] = None,
    as_json: AsJson = False,
) -> None:
    """
    Plan the rest of a running night anew: what is done stays done, what is frozen stays, the rest may change.

    Writes the files that `plan` writes, of what is left of the night. Ends with 3 where must-do work is left undone.
    """
    folder = output or plan.with_name(f"{plan.name}-revised")
    with told_errors():
        try_folder(folder)
        document, steps = _read_plan(plan)
        asked = _read_told(told, document, seconds=seconds, rounds=rounds, seed=seed)
        task = RevisionTask.model_validate(
            {
                "revises": document["input_hash"],
                "night": PlanRequest.model_validate({"city": "any", "as_of": document["as_of"]}),
                "steps": [*steps, step_of(document, asked)],
            }
        )
        revised = search(in_city(task, city), document)
        night = revised.night
        kept = Steps(steps=task.steps).model_dump_json(by_alias=True).encode()
        paths = write_all({**revised.files(), STEPS: kept}, folder)
        show(night, paths, as_json=as_json)
        changes = (night.revision or {})["changes"]
        others, details = changes["churn"], changes["details"]
        tell(f"stops of another van, new or dropped: {others}; with other quantities or in another order: {details}")
        tell_wishes(night)
    if left_undone(night):
        raise typer.Exit(MUST_DO_LEFT)


def search(task: RevisionTask, document: dict[str, Any]) -> PlannedNight:
    """Revise with progress on the terminal; Ctrl-C keeps the best plan so far."""
    asked = task.steps[-1].asked
    revision = document.get("revision")
    planned_hash = revision["problem_hash"] if revision else document["input_hash"]
    talk.print(Text(f"The night from {asked.at.isoformat()} on, {len(document['routes'])} vans"))
    with (
        stop_on_interrupt() as stopped,
        ProgressView(unit=document["city"]["currency"], limit_s=asked.limits.seconds) as view,
    ):
        revised = revised_night(
            task,
            cache_dir=Settings().cache_dir,
            planned_hash=planned_hash,
            on_progress=view,
            should_stop=stopped,
        )
    tell_warnings(revised.night.warnings)
    return revised


def _read_plan(folder: Path) -> tuple[dict[str, Any], list[Step]]:
    """The plan in a folder, and what was told of its night before."""
    document = _read(folder / "plan.json")
    steps: list[Step] = []
    if document.get("revision"):
        try:
            steps = Steps.model_validate(_read(folder / STEPS)).steps
        except ValidationError as error:
            findings = findings_of(error, model=Steps, source=STEPS)
            raise InvalidInput(f"{folder / STEPS} is not as `revise` has written it", findings=findings) from None
    return document, steps


def _read_told(path: Path, document: dict[str, Any], **limits: float | None) -> RevisionRequest:
    told = _read(path)
    given = {name: value for name, value in limits.items() if value is not None}
    before = (told.get("limits") or {}) if isinstance(told, dict) else None
    if given and isinstance(before, dict):  # What is something else is told as wrong below.
        told |= {"limits": {**before, **({"seconds": None} if "rounds" in given else {}), **given}}
    findings = Findings()
    try:
        asked = read_asked(told, document, Settings(), findings)
    except ServiceError as error:
        raise InvalidInput(error.detail, findings=error.findings) from None
    findings.raise_errors(str(path))
    tell_warnings(findings.warnings)
    assert asked is not None, "it has no errors"
    return asked


def _read(path: Path) -> Any:
    """A JSON file; read as strictly as a body, which says what is wrong with it."""
    try:
        return read_json(path.read_bytes(), max_values=Settings().max_body_values)
    except ServiceError as error:
        raise InvalidInput(f"{path}: {error.detail}", findings=error.findings) from None
