"""Reads the events of a job, out of a stream or of pages, and keeps where it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any


class Listener:
    """Tells of each event once, whatever breaks in between."""

    def __init__(self, on_event: Callable[[Mapping[str, Any]], None] | None = None) -> None:
        self.last_id = 0
        self.has_ended = False
        self._on_event = on_event or (lambda _: None)
        self._rest = ""
        self._data: list[str] = []

    def begin(self) -> None:
        """A stream begins; what an earlier one had begun to tell is told anew."""
        self._rest, self._data = "", []

    def read(self, text: str) -> None:
        """What comes next in a stream, broken off anywhere."""
        # Not splitlines, which takes characters for ends of lines that stand in names.
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._read_line(line)

    def read_page(self, page: Mapping[str, Any]) -> None:
        """A page of events."""
        for event in page["items"]:
            self._tell(event)
        self.has_ended |= bool(page["is_final"])

    def _tell(self, event: Mapping[str, Any]) -> None:
        if event["seq"] > self.last_id:
            self.last_id = event["seq"]
            self.has_ended |= event["kind"] == "end"
            self._on_event(event)

    def _read_line(self, line: str) -> None:
        if line:
            name, _, value = line.partition(":")
            if name == "data":
                self._data.append(value.removeprefix(" "))
        elif self._data:
            event = json.loads("\n".join(self._data))
            self._data = []
            self._tell(event)
