"""Looks a fleet over without planning its night: every error and warning of its files, and who is off its streets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.loader import BUNDLED, list_cities
from scenarios.relocation.folder import has_fleet
from scenarios.relocation.loader import LoadedFleet, load_fleet, open_drive, open_modes


def is_for_cars(name_or_folder: str | Path) -> bool:
    """Whether a city says anything of e-cars."""
    is_bundled = str(name_or_folder) in list_cities()
    return has_fleet(BUNDLED / str(name_or_folder) if is_bundled else Path(name_or_folder))


def inspect_fleet(
    name_or_folder: str | Path, *, cache_dir: Path | None = None, on_message: Callable[[str], None] | None = None
) -> tuple[Finding, ...]:
    """Every error and warning of a fleet, its streets and next night included; `on_message` is told what was read."""
    findings = Findings()
    try:
        loaded = load_fleet(name_or_folder)
        findings.extend(loaded.warnings)
        _state(loaded, findings, cache_dir=cache_dir, on_message=on_message)
    except InvalidInput as error:
        told = {str(finding) for finding in findings.items}
        findings.extend(finding for finding in error.findings if str(finding) not in told)
        if not error.findings:
            findings.error("unusable", error.what, source=str(name_or_folder))
    return tuple(findings.items)


def _state(
    loaded: LoadedFleet,
    findings: Findings,
    *,
    cache_dir: Path | None,
    on_message: Callable[[str], None] | None,
) -> None:
    """State the next night over the city's streets, without solving it."""
    # Loads what solves; most commands need it not.
    from optimiser.relocating import reachable, state_problem

    fleet = loaded.fleet
    _, drive, modes = reachable(
        fleet,
        open_drive(loaded, cache_dir=cache_dir, on_message=on_message),
        open_modes(loaded, cache_dir=cache_dir, on_message=on_message),
        max_snap_m=loaded.max_snap_m,
        on_far=loaded.on_far,
        findings=findings,
    )
    state_problem(fleet, fleet.as_of, drive, modes, findings=findings)
