"""`evenfleet serve`: one API process and some workers, restarted when they die, stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import structlog
import typer
from pydantic import ValidationError

from service.logs import configure_logs
from service.processes import PARENT
from service.settings import Settings

log = structlog.get_logger()

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_S = 60.0
"""A process that ran so long before it died starts again with the first pause."""


@dataclass(slots=True)
class Kept:
    """A process that is to run, and how its restarts go."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    start_at_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes any free one.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, max=64, help="Worker processes.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where database file, documents and caches live.")] = None,
    api: Annotated[bool, typer.Option(help="Run the API; without it only workers.")] = True,
) -> None:
    """Start the HTTP service and its workers."""
    # Here, so that no other command waits for the web framework and the database.
    from service.api import SOCKET
    from service.app import prepare_storage

    given = {"host": host, "port": port, "workers": workers, "data_dir": data_dir}
    # Through the environment, as the processes started here will read them.
    os.environ.update({f"EVENFLEET_{name.upper()}": str(value) for name, value in given.items() if value is not None})
    settings = read_settings()
    configure_logs(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    prepare_storage(settings)
    _keep_to_one_machine(settings)
    environment = {**os.environ, PARENT: str(os.getpid())}
    kept = [
        Kept(f"worker-{number}", (sys.executable, "-m", "service.jobs.worker"), environment)
        for number in range(1, settings.workers + 1)
    ]
    if api:
        listening = _listen(settings.host, settings.port)
        handed = {**environment, SOCKET: str(listening.fileno())}
        kept.insert(0, Kept("api", (sys.executable, "-m", "service.api"), handed, (listening.fileno(),)))
        address, bound_port = listening.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        typer.echo(f"evenfleet listens on http://{shown}:{bound_port} (documentation at /docs)", err=True)
        _tell_who_is_answered(settings)
    supervise(kept, stop, drain_s=settings.drain_s)


def _tell_who_is_answered(settings: Settings) -> None:
    from service.access.service import Keys
    from service.db import open_engine

    database = open_engine(settings.database_url)
    try:
        if not Keys(database=database, settings=settings).is_any():
            nobody = "nobody" if settings.auth == "keys" else "only this machine"
            typer.echo(f"There is no key yet: {nobody} is answered. To make one: evenfleet key create", err=True)
    finally:
        database.dispose()


def _keep_to_one_machine(settings: Settings) -> None:
    from service import db
    from service.storage.machines import SecondMachine, keep_to_one_machine

    database = db.open_engine(settings.database_url)
    try:
        keep_to_one_machine(database, settings)
    except SecondMachine as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    finally:
        database.dispose()


def supervise(kept: list[Kept], stop: threading.Event, *, drain_s: float) -> None:
    """Keep the processes running until `stop` is set; then ask them to end, and after `drain_s` end them."""
    while not stop.is_set():
        for one in kept:
            _keep_running(one, time.monotonic())
        stop.wait(0.1)
    running = [one.process for one in kept if one.process is not None and one.process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + drain_s + 5.0
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _keep_running(one: Kept, now_s: float) -> None:
    if one.process is None:
        if now_s >= one.start_at_s:
            one.started_s = now_s
            # A group of its own: Ctrl-C reaches only the supervisor, which then stops the rest in order.
            one.process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own modules
                one.command, env=one.environment, pass_fds=one.pass_fds, stdin=subprocess.DEVNULL, process_group=0
            )
            log.info("process_started", name=one.name, pid=one.process.pid)
    elif (code := one.process.poll()) is not None:
        ran_s = now_s - one.started_s
        one.pause_s = FIRST_PAUSE_S if ran_s > STEADY_S else one.pause_s
        log.error("process_died", name=one.name, code=code, ran_s=round(ran_s, 1), restart_in_s=one.pause_s)
        one.process, one.start_at_s = None, now_s + one.pause_s
        one.pause_s = min(LONGEST_PAUSE_S, 2 * one.pause_s)


def read_settings() -> Settings:
    """The settings; what is wrong with them is told, with exit 2."""
    try:
        return Settings()
    except ValidationError as error:
        for details in error.errors():
            name = "_".join(map(str, details["loc"])).upper()
            typer.echo(f"EVENFLEET_{name} is {details['input']!r}: {details['msg']}", err=True)
        raise typer.Exit(2) from None


def _listen(host: str, port: int) -> socket.socket:
    """One socket for all restarts of the API, so that callers wait a moment instead of being refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        typer.echo(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port", err=True)
        raise typer.Exit(1) from None
    listening.listen(2048)
    return listening
