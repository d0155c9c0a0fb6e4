"""
Many event streams from a process of its own, some of which are cut and taken up again.

    python -m tests.bench.serving.listen ORDERS.json        {"address": …, "paths": […], "headers": {…}, "cut_after": …}

Prints for each stream the numbers of all events in the order in which they came, and how long after they were recorded.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.serving.load import request


async def _follow(orders: dict[str, Any], path: str, *, is_cut: bool) -> dict[str, list[float]]:
    place = urlsplit(orders["address"])
    seen: list[float] = []
    late_s: list[float] = []
    is_over = False
    while not is_over:
        headers = {**orders["headers"], "Accept": "text/event-stream", "Connection": "close"}
        if seen:
            headers["Last-Event-ID"] = str(int(seen[-1]))
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(request("GET", path, headers=headers).encode())
        opened_s, came = time.time(), 0
        status = await reader.readline()
        if status.split()[1:2] not in ([b"200"], [b"204"]):
            raise RuntimeError(f"{path}: {status!r}")
        while line := await reader.readline():
            # Lines of the chunks' sizes lie between; they begin otherwise.
            if not line.startswith(b"data:"):
                continue
            event = json.loads(line[5:])
            at_s = datetime.fromisoformat(event["at"]).timestamp()
            if at_s > opened_s:  # what was there before is told at once
                late_s.append(time.time() - at_s)
            seen.append(event["seq"])
            is_over, came = event["kind"] == "end", came + 1
            if is_cut and came == orders["cut_after"] and not is_over:
                break
        else:
            if not is_over:
                raise RuntimeError(f"{path}: the stream ended after event {seen[-1:]}")
        writer.close()
    return {"seen": seen, "late_s": late_s}


async def _all(orders: dict[str, Any]) -> list[dict[str, list[float]]]:
    streams = [_follow(orders, path, is_cut=number % 4 == 0) for number, path in enumerate(orders["paths"])]
    return await asyncio.gather(*streams)


if __name__ == "__main__":
    json.dump(asyncio.run(_all(json.loads(Path(sys.argv[1]).read_text()))), sys.stdout)
