"""Children made by the fork server are as those started afresh, and no server is ever needed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from service.jobs import child, forking, solver
from service.jobs.forking import ForkedChild, ForkServer
from tests.service import children
from tests.service.children import solver_child
from tests.service.running import gone, wait_for

LIMITS = replace(children.LIMITS, nice=3)
SHORT: dict[str, Any] = {"city": "paris-8e", "limits": {"seconds": None, "rounds": 300}}
SECRET = "A_SECRET"
LONG: dict[str, Any] = {"city": "paris-8e", "limits": {"seconds": 600}}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt others")


def started(seconds: float = 120.0) -> ForkServer:
    server = ForkServer(nice=0)
    server.tend()
    wait_for(lambda: server.is_ready, within_s=seconds, what="the server to be ready")
    return server


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forking, "FIRST_S", 0.0)
        patch.setenv(SECRET, "of the worker alone")
        server = started()
        yield server
        server.close()


def speaking(forks: ForkServer, folder: Path) -> solver.SolverChild:
    made = solver_child(folder, LONG, limits=LIMITS, forks=forks)
    assert isinstance(made.process, ForkedChild)
    wait_for(lambda: made.progress(wait_s=0.1)[0], within_s=60, what="the child to speak")
    return made


def way_of(forks: ForkServer, folder: Path) -> type:
    made = solver_child(folder, {"city": "nowhere"}, forks=forks)
    made.kill()
    return type(made.process)


def newest_server() -> psutil.Process:
    ours = [process for process in psutil.Process().children() if not gone(process)]
    return max((one for one in ours if forking.MODULE in one.cmdline()), key=psutil.Process.create_time)


def without_clocks(plan: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((plan / "result" / "plan.json").read_text())
    # Reasons tell in words how long the search had.
    return {name: told[name] for name in told.keys() - {"elapsed_s", "progress", "search", "unserved"}}


def test_a_forked_child_makes_the_plan_that_a_fresh_one_makes(server: ForkServer, tmp_path: Path):
    made = [solver_child(tmp_path, SHORT, forks=forks) for forks in (server, None)]
    assert [type(one.process) for one in made] == [ForkedChild, subprocess.Popen]
    assert [one.process.wait(60) for one in made] == [child.DONE, child.DONE], made[0].last_words()
    assert without_clocks(made[0].folder) == without_clocks(made[1].folder)


def test_a_forked_child_is_ours_alone_limited_and_knows_nothing(server: ForkServer, tmp_path: Path):
    made = speaking(server, tmp_path)
    try:
        seen = psutil.Process(made.process.pid)
        assert seen.ppid() == os.getpid()
        assert os.getsid(seen.pid) == os.getpgid(seen.pid) == seen.pid
        assert child.__name__ in seen.cmdline()
        assert seen.cwd() == str(made.folder)
        assert seen.nice() == LIMITS.nice
        assert seen.rlimit(psutil.RLIMIT_AS)[0] == LIMITS.memory_mb * 2**20
        assert SECRET in os.environ
        assert SECRET not in seen.environ()
        held = [os.readlink(link) for link in Path(f"/proc/{seen.pid}/fd").iterdir()]
        assert not [name for name in held if name.startswith("socket:")]
    finally:
        made.kill()
    assert not psutil.pid_exists(made.process.pid)
    assert made.process.returncode == -signal.SIGKILL


def test_a_forked_child_keeps_its_best_plan_when_it_is_told_to_stop(server: ForkServer, tmp_path: Path):
    made = speaking(server, tmp_path)
    made.interrupt()
    assert made.process.wait(60) == child.DONE
    told = json.loads((made.folder / "result" / "plan.json").read_text())
    assert told["stop_reason"] == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(made.process.pid, 0)
    made.interrupt()  # nobody is there any more


def test_many_at_once_end_each_with_their_own_code(server: ForkServer, tmp_path: Path):
    asked = [SHORT, {"city": "nowhere"}, SHORT, {"city": "paris-8e", "as_of": "2001-01-01T00:00:00+00:00"}]
    made = [solver_child(tmp_path, request, forks=server) for request in asked]
    assert len({one.process.pid for one in made}) == len(made)
    codes = [one.process.wait(60) for one in made]
    assert codes[0] == codes[2] == child.DONE
    assert codes[1] != child.DONE


def test_without_a_server_children_are_started_afresh_and_there_is_soon_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(forking, "FIRST_S", 0.0)
    monkeypatch.setattr(forking, "AGAIN_S", 0.5)
    server = ForkServer(nice=0)
    try:
        assert way_of(server, tmp_path) is subprocess.Popen
        server.tend()
        first = newest_server()
        first.kill()
        wait_for(lambda: gone(first), within_s=10, what="the server to be gone")
        assert way_of(server, tmp_path) is subprocess.Popen
        wait_for(lambda: server.tend() or server.is_ready, within_s=120, what="another server")
        assert way_of(server, tmp_path) is ForkedChild

        monkeypatch.setattr(forking, "ANSWER_S", 0.2)
        second = newest_server()
        assert second != first
        second.suspend()
        assert way_of(server, tmp_path) is subprocess.Popen
        wait_for(lambda: gone(second), within_s=10, what="the stuck server to be ended")
    finally:
        server.close()


WORKER = """
import sys
from pathlib import Path
from service.jobs import forking
from tests.service.test_forking import speaking, started

forking.FIRST_S = 0.0
made = speaking(started(), Path(sys.argv[1]))
print(made.process.pid, flush=True)
made.process.wait()
"""


def test_a_forked_child_and_its_server_die_with_the_worker(tmp_path: Path):
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    pid = int(worker.stdout.readline())
    family = psutil.Process(worker.pid).children(recursive=True)
    assert {pid} < {process.pid for process in family}
    worker.kill()
    worker.wait()
    wait_for(lambda: all(gone(process) for process in family), within_s=5, what="the child and the server to be gone")
