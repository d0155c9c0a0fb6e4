"""The recipe that the command line and the solver child follow for e-cars: a fleet in, the files of its night out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Tag

from optimiser.basics.car_fleet import CarFleet
from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, ShouldStop
from optimiser.network.travel import TravelSource
from scenarios.relocation.loader import LoadedFleet, load_fleet, load_inline_fleet, open_drive, open_modes
from scenarios.relocation.schema import CarFleetModel
from scenarios.schema_fields import Moment, Name
from service.planner import BundledName, LimitsModel, form_of_city

if TYPE_CHECKING:
    from optimiser.reporting.relocation_night import RelocationNight

# What solves is imported where it is used: the API reads requests but never loads a solver.


class RelocationRequest(BaseModel):
    """What to plan: the e-cars of a bundled city by name or a fleet given in full, and how long to search."""

    model_config = ConfigDict(extra="forbid")

    city: Annotated[
        Annotated[BundledName, Tag("name")] | Annotated[CarFleetModel, Tag("inline")], Discriminator(form_of_city)
    ]
    as_of: Moment | None = None
    """Plan as if cars had been where they are then; default is when they were."""
    limits: LimitsModel = LimitsModel()
    name: Name | None = None


@dataclass(frozen=True, kw_only=True)
class RelocatedNight:
    """A night of e-cars with the streets it was planned on."""

    night: RelocationNight
    drive: TravelSource
    ways: dict[str, TravelSource]

    def files(self) -> dict[str, bytes]:
        """The plan, the routes, the sheets of drivers, what is left out, and a page with a map, by name."""
        from optimiser.network.streets import Streets
        from optimiser.reporting.relocation_files import relocation_files

        lines = self.drive.lines() if isinstance(self.drive, Streets) else ()
        return relocation_files(self.night, self.drive, self.ways, lines)


def relocate_fleet(
    loaded: LoadedFleet,
    limits: SolveLimits,
    *,
    cache_dir: Path | None,
    as_of: datetime | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    on_message: Callable[[str], None] | None = None,
) -> RelocatedNight:
    """
    Plan a loaded fleet's next night; `on_message` is told what was read of its streets, and what dropped.

    Raises
    ------
    InvalidInput
        Streets that cannot be read; places off the streets where the city's policy rejects them; a grid whose
        series does not cover the night.
    """
    from optimiser.relocating import relocate_night
    from optimiser.reporting import ready, relocation_files

    drive = open_drive(loaded, cache_dir=cache_dir, on_message=on_message)
    ways = dict(open_modes(loaded, cache_dir=cache_dir, on_message=on_message))
    ready.get_ready(relocation_files.PAGE, (drive, *ways.values()))
    moment = as_of or loaded.fleet.as_of
    night = relocate_night(
        loaded.fleet,
        moment,
        drive,
        ways,
        limits=limits,
        max_snap_m=loaded.max_snap_m,
        on_far=loaded.on_far,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return RelocatedNight(
        night=replace(night, warnings=(*loaded.warnings, *_moved(loaded.fleet, moment), *night.warnings)),
        drive=drive,
        ways=ways,
    )


def _moved(fleet: CarFleet, moment: datetime) -> tuple[Finding, ...]:
    """A warning where cars are taken to be, at another moment, where they were in the evening."""
    findings = Findings()
    if moment != fleet.as_of:
        findings.warning(
            "snapshot_moved",
            f"the snapshot of {fleet.as_of.isoformat()} is taken as the state at {moment.isoformat()}",
            source="cars",
            where="as_of",
            value=moment.isoformat(),
            hint="bring the cars as they are at that moment if you have them",
        )
    return findings.warnings


def relocation_files(
    request: RelocationRequest,
    *,
    cache_dir: Path | None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> dict[str, bytes]:
    """Plan what a request asks for; names of files to their content."""
    inline = isinstance(request.city, CarFleetModel)
    loaded = load_inline_fleet(request.city) if isinstance(request.city, CarFleetModel) else load_fleet(request.city)
    try:
        return relocate_fleet(
            loaded,
            request.limits.to_limits(),
            cache_dir=cache_dir,
            as_of=request.as_of,
            on_progress=on_progress,
            should_stop=should_stop,
        ).files()
    except InvalidInput as error:
        if not inline:
            raise
        found, odd = (
            [
                replace(finding, where=f"/city{finding.where}") if finding.where.startswith("/") else finding
                for finding in findings
            ]
            for findings in (error.findings, error.warnings)
        )
        raise InvalidInput(error.what, findings=found, warnings=odd) from None
