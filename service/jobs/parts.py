"""
Parts of a job that somebody else may make, and how the solver child asks for them: by files in its folder.

The child lists in `wanted.json` what it would like to have made; who started it answers each part by a file of its own,
with the result, or with nothing where the child has to make it itself. A result is a pure function of what the part's
hash is of, so it does not matter who made it, when, or how often.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimiser.basics.result import ShouldStop
    from optimiser.siting.sensitivity import Part, Run

# What solves is imported where it is used: workers look after parts but never load a solver.

WANTED, RUN_FILE, PART = "wanted.json", "run.json", "part"
LOOK_S = 0.05


def wish_for(parts: Sequence[Part], folder: Path) -> None:
    """Ask for all of these, in this order."""
    _leave(folder / WANTED, json.dumps([{"varied": part.varied, "number": part.number} for part in parts]))


def wanted(folder: Path) -> list[dict[str, Any]] | None:
    """What the child asks for; None while it has not asked."""
    try:
        asked: list[dict[str, Any]] = json.loads((folder / WANTED).read_text())
    except FileNotFoundError:
        return None
    return asked


def answer(row: int, result: str, folder: Path) -> None:
    """Give the child one part; an empty result says that it has to make it itself."""
    _leave(_place(row, folder), result)


def await_run(row: int, folder: Path, should_stop: ShouldStop) -> Run | None:
    """Wait for the answer to one part; None where there is none, or no time for one."""
    place = _place(row, folder)
    while not place.exists():
        if should_stop():
            return None
        time.sleep(LOOK_S)
    text = place.read_text()
    return load_run(text) if text else None


def hash_of(part: dict[str, Any], *, request_sha256: str, city_version: str | None) -> str:
    """Of everything that decides what comes out, the version of the programme included."""
    made_from = {"part": part, "request": request_sha256, "city": city_version, "version": version("evenfleet")}
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def load_part(told: dict[str, Any]) -> Part:
    """As the optimiser takes it."""
    from optimiser.siting.sensitivity import Part, Varied

    return Part(varied=Varied(told["varied"]), number=told["number"])


def dump_run(run: Run) -> str:
    """As JSON, whose numbers are read back as what they were."""
    told = {
        "varied": run.varied,
        "factors": run.factors,
        "value": run.value,
        "upper_bound": run.upper_bound,
        "missed": dict(run.missed),
        "left_out": sorted(run.left_out),
        "sites": sorted(run.sites),
    }
    return json.dumps(told)


def load_run(text: str) -> Run:
    """As it was made."""
    from optimiser.siting.sensitivity import Run, Varied

    told = json.loads(text)
    sets = {name: frozenset(told[name]) for name in ("left_out", "sites")}
    return Run(**{**told, **sets, "varied": Varied(told["varied"])})


def _place(row: int, folder: Path) -> Path:
    return folder / f"answer-{row}.json"


def _leave(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    partial.rename(path)
