"""The `history/` of a city folder while one recorder writes into it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from service.recording.archive import archive, archive_path, archived_moments
from service.recording.poll import Poll
from service.recording.table import Recorded, append_rows, is_ours, mend, read_recorded, table_days, table_path

LOCK_FILE = ".recorder.lock"
DAYS_REMEMBERED = 3


@dataclass(slots=True)
class History:
    """Files of one city; made by `open_history`, which holds the lock."""

    folder: Path
    tell: Callable[[str], None]
    known: dict[date, Recorded] = field(default_factory=dict)
    """What is recorded of the days that polls came from lately."""
    written: set[Path] = field(default_factory=set)
    """Files that were written, without those that became another."""

    def add(self, poll: Poll) -> int:
        """Record what is new in a poll, and archive the days before it; returns the rows added."""
        is_new_day = poll.day not in self.known
        if is_new_day:
            self._look_up(poll.day)
        rows = self.known[poll.day].lacks(poll)
        if rows:
            path = table_path(self.folder, poll.day)
            append_rows(path, poll.ts, rows)
            self.known[poll.day] = self.known[poll.day].having(poll.ts, rows)
            self.written.add(path)
        if is_new_day:
            self.archive_before(poll.day)
        return len(rows)

    def archive_before(self, day: date) -> None:
        """Archive the tables of all days before `day`; one that cannot be read is told and stays."""
        for earlier in table_days(self.folder):
            path = table_path(self.folder, earlier)
            if earlier >= day or not is_ours(path):
                continue
            try:
                archived = archive(path)
            except InvalidInput as error:
                for finding in error.findings:
                    self.tell(str(finding))
                continue
            self.written.discard(path)
            if archived is not None:
                self.written.add(archived)
                self.tell(f"{archived.name}: the day is over, its table is archived")

    def _look_up(self, day: date) -> None:
        path = table_path(self.folder, day)
        if path.exists() and not is_ours(path):
            findings = Findings()
            findings.error(
                "history_foreign",
                "has other columns than a recorder writes",
                source=f"history/{path.name}",
                value=path.name,
                hint="give it another name, or record into another folder",
            )
            findings.raise_errors("history")
        table = read_recorded(path)
        self.known[day] = replace(table, moments=table.moments | archived_moments(archive_path(path)))
        for forgotten in sorted(self.known)[:-DAYS_REMEMBERED]:
            if forgotten != day:
                del self.known[forgotten]


@contextmanager
def open_history(
    folder: Path,
    *,
    today: date,
    tell: Callable[[str], None],
    hold: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Iterator[History]:
    """
    Make or take over the folder, alone: what a crash left is mended, and days before `today` (UTC) are archived.

    `hold` wraps every write, as in `recorder.record`.

    Raises
    ------
    InvalidInput
        When another recorder holds the folder.
    """
    folder.mkdir(exist_ok=True)
    with _lock(folder / LOCK_FILE):
        history = History(folder, tell)
        with hold():
            for day in table_days(folder):
                path = table_path(folder, day)
                if is_ours(path) and (removed := mend(path)):
                    tell(f"{path.name}: cut off {removed} bytes that were no whole row")
            history.archive_before(today)
        yield history


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Held until the process ends, however it ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode(errors="replace").strip()
            findings = Findings()
            findings.error(
                "already_recording",
                f"another recorder{f' (process {holder})' if holder else ''} writes into it",
                source=str(path.parent),
                value=holder,
                hint="stop that one first, or let it record",
            )
            findings.raise_errors("history")
        # Only for the sentence above, so a full disk is not told here.
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
