"""Inline cities as a client would send them: tiny ones, and ones that keep a search busy."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any


def inline_city(*, stations: int = 4, vans: int = 1, seed: int = 7) -> dict[str, Any]:
    """A town of some kilometres on straight lines, with commuters' imbalance."""
    rng = random.Random(seed)
    ids = [f"s{number}" for number in range(stations)]
    return {
        "id": "testtown",
        "name": "Testtown",
        "time_zone": "Europe/Stockholm",
        "currency": "EUR",
        "streets": {"circuity": 1.3, "speed_kmh": 25},
        "depots": [{"id": "depot", "name": "Depot", "lon": 11.97, "lat": 57.70}],
        "vans": [
            {
                "id": f"van-{number}",
                "slots": 20,
                "start_depot": "depot",
                "end_depot": "depot",
                "shift": ["22:00", "05:30"],
            }
            for number in range(vans)
        ],
        "handling": {"stop_s": 240, "bike_s": 45},
        "prices": {"lost_trip": 4.0, "van_hour": 38.0, "van_km": 0.4, "van_use": 20.0},
        "stations": [
            {
                "id": id_,
                "name": f"Station {id_}",
                "lon": round(11.97 + rng.uniform(-0.05, 0.05), 5),
                "lat": round(57.70 + rng.uniform(-0.03, 0.03), 5),
                "capacity": 20,
            }
            for id_ in ids
        ],
        "snapshot": {
            "as_of": "2026-11-22T21:00:00+01:00",
            "stations": [
                {"station_id": id_, "bikes": rng.choice([0, 1, 18, 20]) if number else 20}
                for number, id_ in enumerate(ids)
            ],
        },
        "targets": [{"station_id": id_, "low": 8, "high": 12, "lost_trips_per_bike": 2.0} for id_ in ids],
    }


def tiny_request(*, seed: int = 1) -> dict[str, Any]:
    """Planned in about a second, the same plan every time."""
    return {"city": inline_city(), "limits": {"seconds": 5, "rounds": 50, "seed": seed}, "name": "Tiny"}


def long_request(*, seconds: float = 60) -> dict[str, Any]:
    """Keeps searching until its time is up."""
    return {"city": inline_city(stations=60, vans=3), "limits": {"seconds": seconds}, "name": "Long"}


def packed(folder: Path, **changed: str | None) -> bytes:
    """The folder as a zip file; `changed` are files by name with `_` for the dot, None leaves one out."""
    changes = {name.replace("__", "."): text for name, text in changed.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            if name not in changes and path.suffix not in (".py", ".pyc"):
                archive.write(path, name)
        for name, text in changes.items():
            if text is not None:
                archive.writestr(name, text)
    return buffer.getvalue()
