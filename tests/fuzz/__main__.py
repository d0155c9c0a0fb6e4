"""
The long form: `make chaos`, or `python -m tests.fuzz --seed 7 --executions 1000000 --only cars`.

Every target runs in a process of its own with little memory, so that a parser that takes everything down with it is a
finding like any other. One line for each target; exit 1 when any parser broke the rule. `--case N` runs one case and
leaves its folder to be looked at.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.others import all_targets
from tests.fuzz.running import MOST_WALL_S, Bench
from tests.fuzz.targets import Target

MOST_BYTES = 6 << 30
"""Of addresses; libraries of solvers and of tables reserve much more than they use."""
MOST_TOLD = 5
"""Cases told of each kind of finding."""


def main(arguments: list[str]) -> int:
    """Run the targets; the exit code."""
    targets = {target.name: target for target in all_targets()}
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--only", nargs="*", choices=targets, default=list(targets))
    parser.add_argument("--case", type=int)
    parser.add_argument("--from", dest="first", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.case is not None:
        return _one_case(targets[chosen.only[0]], chosen.seed, chosen.case)
    if chosen.first is not None:
        return _run_here(targets[chosen.only[0]], chosen.seed, range(chosen.first, chosen.executions))
    print(f"seed {chosen.seed}", flush=True)
    whole = sum(targets[name].weight for name in chosen.only)
    run = faults = 0
    for name in chosen.only:
        cases = max(1, chosen.executions * targets[name].weight // whole)
        faults += _run_apart(name, chosen.seed, cases)
        run += cases
    print(f"{run} executions, {faults} findings", flush=True)
    return 1 if faults else 0


def _run_apart(name: str, seed: int, cases: int) -> int:
    """Run all cases of a target in processes that are replaced when they die; how many findings there are."""
    began, first, found = time.monotonic(), 0, list[str]()
    with tempfile.TemporaryDirectory() as scratch:
        while first < cases:
            command = [sys.executable, "-X", "faulthandler", "-m", "tests.fuzz", "--only", name, "--seed", str(seed)]
            command += ["--executions", str(cases), "--from", str(first)]
            errors = Path(scratch) / "errors"
            with errors.open("w") as file, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file) as child:
                assert child.stdout is not None
                for line in child.stdout:
                    said = json.loads(line)
                    first = said["number"] + 1
                    found += said["faults"]
            if child.returncode != 0:
                found.append(
                    f"{name} case {first}: the process ended with {child.returncode}: {errors.read_text()[-500:]}"
                )
                first += 1
    kinds = Counter(_kind(text) for text in found)
    took_s = time.monotonic() - began
    print(f"{name}: {cases} executions, {len(found)} findings of {len(kinds)} kinds, {took_s:.0f} s", flush=True)
    for kind, count in kinds.most_common():
        print(f"    {count} like this:", flush=True)
        for text in [text for text in found if _kind(text) == kind][:MOST_TOLD]:
            print(f"        {text[:500]}", flush=True)
    return len(found)


def _run_here(target: Target, seed: int, numbers: range) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(target, Path(folder), seed=seed)
        bench.warm()
        for number in numbers:
            faults = bench.run(number)
            print(json.dumps({"number": number, "faults": [str(fault) for fault in faults]}), flush=True)
    return 0


def _one_case(target: Target, seed: int, number: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="evenfleet-fuzz-"))
    faults = Bench(target, folder, seed=seed).run(number)
    print("\n".join([str(folder / "case"), f"at most {MOST_WALL_S} s", *map(str, faults)]))
    return 1 if faults else 0


def _kind(text: str) -> str:
    return re.sub(r"\d+|'[^']*'", "#", text.partition(": ")[2])[:80]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
