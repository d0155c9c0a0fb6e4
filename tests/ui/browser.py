"""
A headless Chromium, spoken to over its debugging pipe: no driver, no library, no port.

Needs the program `chromium` (Debian package of that name) on PATH; without it every test here fails.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_PATIENCE_S = 30.0


class Page:
    """One tab. Remembers every request it wanted to make, and every error and console message."""

    def __init__(self, write: int, messages: Queue[dict[str, Any]]) -> None:
        self._write, self._messages = write, messages
        self._number = 0
        self._session: str | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._loaded = False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer, noting events on the way."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next(method)
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, page: Path | str) -> None:
        """Load a file or an address and wait until its load event has passed."""
        self._loaded = False
        self.call("Page.navigate", url=page.resolve().as_uri() if isinstance(page, Path) else page)
        while not self._loaded:
            self._next(f"the load of {page}")

    def wait_for(self, condition: str) -> None:
        """Wait, as long as the browser's patience lasts, until a JavaScript condition is true."""
        look = f"const look = () => ({condition}) ? done() : setTimeout(look, 50)"
        self.value(f"await new Promise(done => {{ {look}; look(); }})")

    def size(self, width: int, height: int) -> None:
        """Width and height of the window in pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def value(self, expression: str) -> Any:
        """What a JavaScript expression evaluates to, after the page has had two frames to draw."""
        two_frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        code = f"{two_frames}.then(async () => ({expression}))"
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release one key."""
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def mouse(self, kind: str, x: float, y: float, **extra: Any) -> None:
        """One mouse event: mouseMoved, mousePressed, mouseReleased, mouseWheel."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **extra)

    def click(self, x: float, y: float) -> None:
        """Press and release the left button."""
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def _next(self, what: str) -> dict[str, Any]:
        try:
            message = self._messages.get(timeout=_PATIENCE_S)
        except Empty:
            raise AssertionError(f"chromium said nothing for {_PATIENCE_S:.0f} s while waiting for {what}") from None
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            case "Page.loadEventFired":
                self._loaded = True
            case "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))
            case "Runtime.consoleAPICalled":
                self.complaints.append(str(message["params"]["args"]))
            case "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
        return message


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """A fresh browser with an empty profile folder, ended with its children in the end."""
    program = shutil.which("chromium")
    assert program, "chromium is not installed: apt-get install chromium"
    to_browser, from_us = map(_high, os.pipe())
    from_browser, to_us = map(_high, os.pipe())
    # The browser listens on descriptor 3 and answers on 4; a launcher puts the pipes there and becomes the browser.
    launcher = f"import os, sys; os.dup2({to_browser}, 3); os.dup2({to_us}, 4); os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", launcher, program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(to_browser, to_us),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(to_browser)
    os.close(to_us)
    messages: Queue[dict[str, Any]] = Queue()
    reader = threading.Thread(target=_read, args=(from_browser, messages), daemon=True)
    reader.start()
    try:
        yield Page(from_us, messages)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=_PATIENCE_S)
        reader.join(timeout=_PATIENCE_S)
        os.close(from_us)
        os.close(from_browser)


def _high(descriptor: int) -> int:
    """The same pipe end under a number of at least 10, out of the way of 3 and 4."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


def _read(descriptor: int, messages: Queue[dict[str, Any]]) -> None:
    rest = b""
    while chunk := os.read(descriptor, 1 << 20):
        *complete, rest = (rest + chunk).split(b"\0")
        for text in complete:
            messages.put(json.loads(text))
