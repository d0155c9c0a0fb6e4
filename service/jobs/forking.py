"""The worker's side of its fork server: has solver children made by it, and waits for them as for its own."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import structlog

from service.jobs.fork_server import FOLDER_BYTES, NONE, READY
from service.processes import adopt_orphans, child_environment

log = structlog.get_logger()

MODULE = "service.jobs.fork_server"
FIRST_S, AGAIN_S = 10.0, 600.0
"""Age at which a worker starts its server, so that one that only begins is not held up, and how soon it may again."""
ANSWER_S = 30.0
"""A fork takes milliseconds, where the processor is wanted by others a second; a server that takes so long is stuck."""


class ForkedChild:
    """A process that the fork server made and this process adopted; answers as `subprocess.Popen` does."""

    def __init__(self, pid: int, stdout: IO[bytes]) -> None:
        self.pid, self.stdout = pid, stdout
        self.returncode: int | None = None
        self._ends = os.pidfd_open(pid)
        self._burial = threading.Lock()

    def poll(self) -> int | None:
        """How it ended, None while it runs."""
        with self._burial:
            if self.returncode is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
                    os.close(self._ends)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """
        How it ended, once it has.

        Raises
        ------
        subprocess.TimeoutExpired
            It still runs after `timeout` seconds.
        """
        if self.poll() is None:
            ends = select.poll()
            ends.register(self._ends, select.POLLIN)
            ends.poll(None if timeout is None else 1_000 * timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it, unless the process has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._ends, number)


class ForkServer:
    """The fork server of this process, once there is one."""

    def __init__(self, *, nice: int) -> None:
        """
        Be ready to start one.

        Raises
        ------
        OSError
            This system lets no process adopt others, or has no lasting handles of processes.
        """
        adopt_orphans()
        os.close(os.pidfd_open(os.getpid()))
        self._nice = nice
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_heard = False
        self._due_s = time.monotonic() + FIRST_S

    @property
    def is_ready(self) -> bool:
        """Whether there is a server, and has loaded what it loads."""
        if self._is_alive() and not self._is_heard and select.select([self._socket], [], [], 0)[0]:
            self._is_heard = self._told() == READY
        return self._is_alive() and self._is_heard

    def tend(self) -> None:
        """
        Start it when it is time, and anew when it has ended; for a loop of the main thread.

        A server dies with the thread that started it.
        """
        with self._lock:
            if time.monotonic() < self._due_s or self._is_alive():
                return
            if self._process is not None:
                log.warning("fork_server_ended", code=self._process.returncode)
            self._due_s = time.monotonic() + AGAIN_S
            self._start()

    def close(self) -> None:
        """End the server; its children go on."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._socket.close()

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        self._is_heard = False
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [sys.executable, "-m", MODULE, str(os.getpid()), str(self._nice)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=child_environment(),
                start_new_session=True,
            )

    def make(self, folder: Path, stderr: IO[bytes]) -> ForkedChild | None:
        """A child that begins on `folder`; None while there is no server, or none that can make one."""
        with self._lock:
            if self._process is None or not self.is_ready:
                return None
            reading, writing = os.pipe()
            stdout = os.fdopen(reading, "rb")
            try:
                socket.send_fds(self._socket, [os.fsencode(folder)], [writing, stderr.fileno()])
            except OSError:
                stdout.close()
                return None
            finally:
                os.close(writing)
            pid = self._answer(self._process)
        if not pid:
            stdout.close()
            return None
        return ForkedChild(pid, stdout)

    def _answer(self, server: subprocess.Popen[bytes]) -> int:
        """The child's number, or 0; once a server that says nothing is ended, a child either tells or is none."""
        if not select.select([self._socket], [], [], ANSWER_S)[0]:
            log.error("fork_server_stuck")
            server.kill()
        return int(self._told() or NONE)

    def _told(self) -> bytes:
        try:
            return self._socket.recv(FOLDER_BYTES)
        except OSError:
            return b""
