"""
The fork server: has imported and looked up what nights need, and makes solver children that need not.

    python -m service.jobs.fork_server WORKER_PID NICE     (its stdin is a socket to the worker)

A child is a copy of this process, which has seen no request, no settings and no database; nothing that a child does
comes back here. It is adopted by the worker, which waits for it and with which it dies, as if the worker had started
it. Nothing here may leave a thread behind that a copy would be without; those of OpenBLAS are begun anew in each.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import NoReturn

from setproctitle import setproctitle

import optimiser
import scenarios
from service.jobs import child
from service.processes import die_with_parent

READY = b"ready"
NONE = b"0"
"""Told instead of the child's number where the system makes no more processes."""
FOLDER_BYTES = 4_096
ADOPTION_PAUSE_S = 0.001

PACKAGES = (optimiser, scenarios)
MODULES = ("service.planner", "service.relocator", "service.siter", "service.revisor", "service.jobs.parts")
WARMED = (
    "optimiser.demand.warm_up",
    "optimiser.network.streets",
    "optimiser.rebalancing.warm_up",
    "optimiser.relocation.warm_up",
)
"""What is compiled is loaded by using it once. Not that of siting, whose solver keeps threads of its own."""


def main(worker_pid: int, nice: int) -> None:
    """Make children until the worker hangs up."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    die_with_parent(worker_pid)
    os.nice(nice)
    wishes = socket.socket(fileno=os.dup(0))
    prepare()
    wishes.send(READY)
    while True:
        folder, descriptors, _, _ = socket.recv_fds(wishes, FOLDER_BYTES, 2)
        if not folder:
            return
        _make_child(Path(os.fsdecode(folder)), descriptors, wishes, worker_pid)
        for descriptor in descriptors:
            os.close(descriptor)


def prepare() -> None:
    """Load what nights load, and lay it aside for good, so that copies share it."""
    inside = (m.name for package in PACKAGES for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    for name in (*inside, *MODULES):
        importlib.import_module(name)
    for name in WARMED:
        importlib.import_module(name).warm_up()
    from optimiser.reporting.html import template_environment

    templates = template_environment()
    for name in templates.list_templates():
        templates.get_template(name)
    gc.collect()
    gc.freeze()


def _make_child(folder: Path, descriptors: list[int], wishes: socket.socket, worker_pid: int) -> None:
    """By two forks: the one between ends at once, and the kernel gives its child to the worker."""
    try:
        between = os.fork()
    except OSError:
        wishes.send(NONE)
        return
    if between:
        os.waitpid(between, 0)
        return
    between = os.getpid()
    try:
        if os.fork() == 0:
            _be_child(folder, descriptors, wishes, between=between, worker_pid=worker_pid)
    except OSError:
        wishes.send(NONE)
    finally:
        os._exit(0)


def _be_child(
    folder: Path, descriptors: list[int], wishes: socket.socket, *, between: int, worker_pid: int
) -> NoReturn:
    code = child.CRASHED
    try:
        os.setsid()
        while (parent := os.getppid()) != worker_pid:
            if parent != between:
                raise SystemExit("the worker is gone")
            time.sleep(ADOPTION_PAUSE_S)
        for descriptor, place in zip((os.open(os.devnull, os.O_RDONLY), *descriptors), (0, 1, 2), strict=True):
            os.dup2(descriptor, place)
            os.close(descriptor)
        os.chdir(folder)
        setproctitle(f"{sys.executable} -m {child.__name__} {folder}")
        wishes.send(str(os.getpid()).encode())
        wishes.close()
        code = child.main(folder)
    except BaseException:
        traceback.print_exc()
    finally:
        child.leave(code)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
