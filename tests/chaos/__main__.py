"""
The long form: `make chaos`, or `python -m tests.chaos --seed 7 --only worker database`.

Every campaign runs on both databases and prints one line; exit 1 when a promise was broken anywhere.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.campaign import SERVER_FAULTS, Campaign, Orders
from tests.service.backends import create_database
from tests.service.postgres import running_postgres

ALONE = "claim"
"""With one worker: another would take it for dead, as it cannot beat meanwhile, and free what it has claimed."""

CAMPAIGNS: dict[str, tuple[int, tuple[tuple[str, int], ...]]] = {
    "worker": (1000, (("worker", 100),)),
    "api": (500, (("api", 50),)),
    "tree": (200, (("tree", 20),)),
    "database": (400, (("database", 20),)),
    ALONE: (200, (("claim", 10),)),
    "stop": (100, (("stop", 10),)),
    "trap": (300, (("trap", 60),)),
    "all": (600, (("worker", 30), ("api", 15), ("tree", 3), ("database", 5), ("stop", 3), ("trap", 30))),
}
"""Name to jobs and faults."""


def main(arguments: list[str]) -> int:
    """Run campaigns; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--only", nargs="*", choices=CAMPAIGNS, default=list(CAMPAIGNS))
    parser.add_argument("--backend", choices=("sqlite", "postgresql"))
    parser.add_argument("--share", type=float, default=1.0, help="of jobs and faults, for a shorter run")
    parser.add_argument(
        "--real", action="store_true", help="with the real solver, and a tenth of the jobs: each takes seconds"
    )
    chosen = parser.parse_args(arguments)
    clean = True
    folder = Path(tempfile.mkdtemp(prefix="evenfleet-chaos-"))
    print(f"seed {chosen.seed}, histories in {folder}", flush=True)
    for name in chosen.only:
        jobs, faults = CAMPAIGNS[name]
        for backend in [chosen.backend] if chosen.backend else ("sqlite", "postgresql"):
            asked = [(fault, count) for fault, count in faults if backend != "sqlite" or fault not in SERVER_FAULTS]
            less = tuple((fault, max(1, round(count * chosen.share))) for fault, count in asked)
            if less:
                count = max(20, round(jobs * chosen.share / (10 if chosen.real else 1)))
                workers = 1 if name == ALONE else 2
                orders = Orders(seed=chosen.seed, jobs=count, workers=workers, faults=less, real=chosen.real)
                clean &= _run(folder / f"{name}-{backend}", orders, backend)
    return 0 if clean else 1


def _run(folder: Path, orders: Orders, backend: str) -> bool:
    if backend == "sqlite":
        report = Campaign(folder, orders).run()
    else:
        with running_postgres() as server:
            report = Campaign(folder, orders, db_url=create_database(server.url), server=server).run()
    print(f"{folder.name}: {report.line()}", flush=True)
    verdict = report.verdict
    for sentence in (*verdict.lost, *verdict.twice, *verdict.illegal, *verdict.revived):
        print(f"    {sentence}", flush=True)
    return verdict.is_clean


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
