"""What clients asked and were told, in the order of their own clock; kept as it happens, judged afterwards."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of a client, or one fault."""

    kind: str
    """`submit`, `cancel`, `read`, or `fault`."""
    called_s: float
    answered_s: float
    key: str = ""
    """Idempotency key of a submission."""
    job_id: str = ""
    status: str = ""
    """What the answer said of the job; empty = no answer came, and nobody knows what happened."""
    what: str = ""
    """Of a fault."""


class History:
    """Operations of all threads; also as lines of JSON in a file, for who wants to look at a failure."""

    def __init__(self, path: Path) -> None:
        self.operations: list[Operation] = []
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def add(
        self, kind: str, called_s: float, *, key: str = "", job_id: str = "", status: str = "", what: str = ""
    ) -> None:
        """Note an operation that ends now."""
        operation = Operation(
            kind=kind,
            called_s=called_s,
            answered_s=time.monotonic(),
            key=key,
            job_id=job_id,
            status=status,
            what=what,
        )
        with self._lock:
            self.operations.append(operation)
            self._file.write(json.dumps(asdict(operation)) + "\n")
            self._file.flush()
