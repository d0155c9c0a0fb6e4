"""
The service under load, on both databases, beside what it is to reach.

    python -m tests.bench.service --share 0.05 --only answers --backend sqlite      prints, shorter, writes nothing
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from tests.bench.serving import answering, beginning, crowd, ending, following, heaviest
from tests.bench.serving.house import Figure

BACKENDS = ("sqlite", "postgresql")
PARTS: dict[str, Callable[[str, float], Iterator[Figure]]] = {
    "answers": answering.measure,
    "streams": following.measure,
    "cancels": ending.measure_cancels,
    "recovery": ending.measure_recovery,
    "beginning": beginning.measure,
    "crowd": crowd.measure,
    "memory": heaviest.measure,
}
"""Name to what is measured of one database, with a share of the full size; each in a service of its own."""
HEAD = (
    "`evenfleet serve` with its API and two workers, each part with a database of its own. Both databases wait for the "
    "disk at each commit; the load comes from another process of the same machine."
)
WORDS = {True: "yes", False: "**no**", None: ""}


def measure(*, share: float = 1.0, only: tuple[str, ...] = tuple(PARTS), backends: tuple[str, ...] = BACKENDS) -> str:
    """The section of the page; takes about half an hour."""
    found: dict[str, dict[str, Figure]] = {}
    for part in only:
        for backend in backends:
            begun_s = time.monotonic()
            for figure in PARTS[part](backend, share):
                print(f"{backend}: {figure.what}: {figure.figure} ({figure.target})", file=sys.stderr, flush=True)
                found.setdefault(_same(figure), {})[backend] = figure
            print(f"{backend}: {part} took {time.monotonic() - begun_s:.0f} s", file=sys.stderr, flush=True)
    return "\n".join(
        [
            HEAD,
            "",
            f"| what | to reach | {' | '.join(f'{backend} | met' for backend in backends)} |",
            f"|---|---|{'---|---|' * len(backends)}",
            *(_row(of_backend, backends) for of_backend in found.values()),
        ]
    )


def _same(figure: Figure) -> str:
    """What tells one line from another; amounts in it may differ from database to database."""
    return "".join(letter for letter in figure.what if not letter.isdigit())


def _row(of_backend: dict[str, Figure], backends: tuple[str, ...]) -> str:
    first = next(iter(of_backend.values()))
    cells = [
        f"{of_backend[backend].figure} | {WORDS[of_backend[backend].is_met]}" if backend in of_backend else "|"
        for backend in backends
    ]
    return f"| {first.what} | {first.target} | {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Print the section; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.service", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of seconds and amounts, for a quick try")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--backend", choices=BACKENDS)
    chosen = parser.parse_args(arguments)
    backends = (chosen.backend,) if chosen.backend else BACKENDS
    print(measure(share=chosen.share, only=tuple(chosen.only), backends=backends))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
