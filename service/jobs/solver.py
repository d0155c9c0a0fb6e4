"""Starts, follows, stops and buries one solver child."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from service.jobs.forking import ForkedChild, ForkServer
from service.processes import child_environment

LINE_BYTES = 65_536
"""Longer lines of progress are noise, not progress."""

PATIENCE = 1.5
"""Times the grace that a child is waited for at most while it has no processor: who cancels wants an end."""

COMMAND = (sys.executable, "-m", "service.jobs.child")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """What one solver child may use."""

    memory_mb: int
    cpu_s: int
    file_mb: int
    nice: int


class SolverChild:
    """One running solver child in a folder of its own, in a session of its own."""

    def __init__(
        self,
        folder: Path,
        request: bytes,
        *,
        kind: str,
        limits: ChildLimits,
        cache_dir: Path,
        city: Path | None = None,
        part: dict[str, Any] | None = None,
        elsewhere: bool = False,
        command: tuple[str, ...] = COMMAND,
        forks: ForkServer | None = None,
    ) -> None:
        """
        Start it; `folder` must not exist yet, `city` holds the files of a city that a user brought.

        `part` says which part of the request is wanted alone; `elsewhere`, that wishes for parts are looked after. It
        is made by `forks` if that is ready, or else started by `command`.
        """
        self.was_interrupted = self.was_put_down = False
        self.process: subprocess.Popen[bytes] | ForkedChild
        self._told_s = self._waited_s = 0.0
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True)
        cache_dir.mkdir(parents=True, exist_ok=True)
        task = {
            "kind": kind,
            "parent_pid": os.getpid(),
            "memory_mb": limits.memory_mb,
            "cpu_s": limits.cpu_s,
            "file_mb": limits.file_mb,
            "nice": limits.nice,
            "cache_dir": str(cache_dir.resolve()),
            "city": None if city is None else str(city.resolve()),
            "part": part,
            "elsewhere": elsewhere,
        }
        (self.folder / "request.json").write_bytes(request)
        (self.folder / "task.json").write_text(json.dumps(task))
        self._progress: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        with (self.folder / "stderr.log").open("wb") as stderr:
            self.process = (forks and forks.make(self.folder, stderr)) or self._start(command, stderr)
        assert self.process.stdout is not None
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()

    def _start(self, command: tuple[str, ...], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
        # A wish to stop that comes before the child can listen waits for it instead of killing it.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [*command, str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=self.folder,
                env=child_environment(),
                start_new_session=True,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def progress(self, *, wait_s: float) -> tuple[list[dict[str, Any]], bool]:
        """What the child said since the last call, and whether it has said its last; waits at most `wait_s`."""
        said: list[dict[str, Any]] = []
        try:
            line = self._progress.get(timeout=wait_s)
            while line is not None:
                said.append(line)
                line = self._progress.get_nowait()
        except queue.Empty:
            return said, False
        return said, True

    def interrupt(self) -> None:
        """Ask it to end the search and keep its best plan."""
        self.was_interrupted = True
        self._told_s, self._waited_s = time.monotonic(), self.waited_s()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def is_overdue(self, *, grace_s: float) -> bool:
        """
        Whether it was told to stop and has had so long to do so.

        Time in which the machine had no processor for it does not count, up to `PATIENCE` times as long: where others
        want them all, half a second of work takes a child that gives way many.
        """
        if not self.was_interrupted:
            return False
        since_s = time.monotonic() - self._told_s
        return since_s > PATIENCE * grace_s or since_s - (self.waited_s() - self._waited_s) > grace_s

    def waited_s(self) -> float:
        """Seconds that its main thread could have run, but for others that did; 0 where the kernel does not tell."""
        try:
            told = Path(f"/proc/{self.process.pid}/schedstat").read_text().split()
        except OSError:
            return 0.0
        return int(told[1]) / 1e9

    def bury(self, *, within_s: float) -> None:
        """Wait for the end of a child that has said its last; put it down when it lingers."""
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.put_down()

    def put_down(self) -> None:
        """End it, though it may have left its result by now."""
        self.was_put_down = True
        self.kill()

    def kill(self) -> None:
        """End it and everything it started, now."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self) -> str:
        """The end of what it wrote to stderr, for the operator's log."""
        with (self.folder / "stderr.log").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 2_000))
            return file.read().decode(errors="replace")

    def _read(self, stdout: IO[bytes]) -> None:
        while line := stdout.readline(LINE_BYTES):
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict):
                self._progress.put(said)
        self._progress.put(None)
