"""Measure the rooms named (all by default), print their tables and write them into `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import sys

from tests.bench import (
    access,
    backtests,
    brp,
    brp_bounds,
    coverage,
    demand,
    growth,
    history,
    known_truth,
    location,
    median,
    months,
    network,
    rebalancing,
    relocation,
    revision,
    service,
)
from tests.bench.page import machine, write_section

ROOMS = {
    "network": network.measure,
    "access": access.measure,
    "median": median.measure,
    "coverage": coverage.measure,
    "location": location.measure,
    "history": history.measure,
    "demand": demand.measure,
    "truth": known_truth.measure,
    "backtests": backtests.measure,
    "months": months.measure,
    "rebalancing": rebalancing.measure,
    "growth": growth.measure,
    "revision": revision.measure,
    "relocation": relocation.measure,
    "brp": brp.measure,
    "brp-bounds": brp_bounds.measure,
    "service": service.measure,
}
"""Name to a function that measures and answers the section in Markdown."""


def main(arguments: list[str]) -> int:
    """Measure; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="room", help=f"of {', '.join(ROOMS)}; all by default")
    parser.add_argument("--dry", action="store_true", help="print only, leave the page alone")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.rooms) - set(ROOMS))
    if unknown:
        parser.error(f"unknown room {', '.join(unknown)}")
    for room in chosen.rooms or ROOMS:
        section = f"{machine()}\n\n{ROOMS[room]()}"
        print(section, end="\n\n")
        if not chosen.dry:
            write_section(room, section)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
