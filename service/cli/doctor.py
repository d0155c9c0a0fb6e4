"""`evenfleet doctor`: is everything here that a night needs? `evenfleet warm-up`: compile once, at setup."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import typer
from pydantic import ValidationError
from rich.text import Text

from optimiser.basics.errors import EvenfleetError
from optimiser.basics.limits import SolveLimits
from scenarios.loader import list_cities, load_city
from service.cli.terminal import FAILED, data, talk
from service.settings import Settings

LIBRARIES = ("ortools", "numba", "osmium", "osmnx", "networkx", "fastapi", "dbos", "sqlalchemy")
LEAST_FREE_MB = 500


def doctor() -> None:
    """Check the installation: libraries, settings, disk, bundled cities, compiled code, and one tiny night."""
    failed = False
    for name, check in _CHECKS.items():
        try:
            answer, good = check(), True
        except (
            EvenfleetError,
            ValidationError,
            OSError,
            ImportError,
            importlib.metadata.PackageNotFoundError,
        ) as error:
            answer, good = str(error), False
        failed |= not good
        mark = ("ok  ", "green") if good else ("FAIL", "bold red")
        data.print(Text.assemble(mark, f"  {name}: {answer}"), soft_wrap=True)
    if failed:
        raise typer.Exit(FAILED)


def warm_up() -> None:
    """Compile and cache what is compiled at first use, so that no plan pays for it; part of the installation."""
    talk.print(f"Compiled code is ready ({_compile():.1f} s).")


def _compile() -> float:
    """All that is compiled at first use, each room in a process of its own; seconds."""
    from optimiser.basics.compiled import available_cores
    from optimiser.demand.warm_up import warm_up as compile_demand
    from optimiser.network.streets import warm_up as compile_network
    from optimiser.rebalancing.warm_up import warm_up as compile_rebalancing
    from optimiser.relocation.warm_up import warm_up as compile_relocation
    from optimiser.siting.warm_up import warm_up as compile_siting
    from scenarios.benchmarks.all_pairs import warm_up as compile_benchmarks

    begun_s = time.monotonic()
    # Those that take longest first. No two of them compile the same, or they would write into one another's files.
    rooms = (
        compile_rebalancing,
        compile_siting,
        compile_relocation,
        compile_network,
        compile_demand,
        compile_benchmarks,
    )
    with ProcessPoolExecutor(min(len(rooms), available_cores()), mp_context=get_context("spawn")) as pool:
        for compiling in [pool.submit(compile_room) for compile_room in rooms]:
            compiling.result()
    return time.monotonic() - begun_s


def _python() -> str:
    if sys.version_info < (3, 11):  # noqa: UP036 - said kindly to who runs an unpacked copy
        raise OSError(f"Python {platform.python_version()} is too old, 3.11 is needed")
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def _libraries() -> str:
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)


def _settings() -> str:
    settings = Settings()
    store = "PostgreSQL" if settings.db_url else "SQLite"
    return f"{store}, data in {settings.data_dir.resolve()}, listens on {settings.host}:{settings.port}"


def _disk() -> str:
    folder = Settings().data_dir
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
    stat = os.statvfs(folder)
    free_mb = stat.f_bavail * stat.f_frsize // 1_000_000
    if free_mb < LEAST_FREE_MB:
        raise OSError(f"{free_mb} MB free in {folder.resolve()}, at least {LEAST_FREE_MB} MB are needed")
    return f"{folder.resolve()} can be written, {free_mb:,} MB free"


def _service() -> str:
    from service import db
    from service.system import condition

    settings = Settings()
    if not settings.db_url and not (settings.data_dir / "evenfleet.sqlite").exists():
        return "not started here yet"
    database = db.open_engine(settings.database_url)
    try:
        workers, findings = condition.look(database, settings)
    finally:
        database.dispose()
    missing = [finding for finding in findings.errors if finding.code != "no_worker"]
    if missing:
        raise OSError("; ".join(f"{finding.message} ({finding.hint or finding.value})" for finding in missing))
    return f"the database answers, {workers or 'no'} worker{'' if workers == 1 else 's'} alive"


def _cities() -> str:
    return ", ".join(f"{name} ({len(load_city(name).city.stations)} stations)" for name in list_cities())


def _compiled() -> str:
    return f"ready in {_compile():.1f} s"


def _night() -> str:
    from service.planner import plan_city

    planned = plan_city(load_city("paris-8e"), SolveLimits(seconds=1), cache_dir=None)
    result = planned.night.result
    return f"paris-8e planned in {result.elapsed_s:.1f} s, gap {result.gap:.0%}, on {planned.travel.label}"


_CHECKS: dict[str, Callable[[], str]] = {
    "Python": _python,
    "libraries": _libraries,
    "settings": _settings,
    "disk": _disk,
    "service": _service,
    "cities": _cities,
    "compiled code": _compiled,
    "a night": _night,
}
