"""What the heaviest single requests that are allowed cost the API in memory."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from service.settings import Settings
from tests.bench.serving.house import PLANS, UNCOUNTED, Figure, House, Watch, house
from tests.city_documents import write_city_folder
from tests.feed_folders import write_gbfs_2
from tests.service.cities import inline_city, packed, tiny_request
from tests.siting_folders import collection, inline_document

STUDIES = "/v1/siting-studies"
MOST_MB = 400
LIMITS = Settings()


def measure(backend: str, share: float) -> Iterator[Figure]:
    """The highest resident size of the API under each, one after another in one process, which keeps what it took."""
    with house(backend, **UNCOUNTED) as served:
        running = served.running
        running.wait_until(running.submit(tiny_request())["id"], "succeeded", within_s=300)
        figures = {"after its start": _most_mb(served, "GET", "/v1/limits")}
        largest = _plan(served, stations=max(20, round(share * LIMITS.max_stations)))
        for _ in range(LIMITS.max_page):
            running.submit(tiny_request())
        junk = json.dumps({"city": [[1] * 7] * (LIMITS.max_body_values // 8 - 10), "name": "x"}).encode()
        padded = json.dumps(_study(10), indent=1).encode().ljust(LIMITS.max_body_bytes)
        study = json.dumps(_study(max(100, round(share * LIMITS.max_demand_points)))).encode()
        for what, path, body in (
            (f"{len(study) / 1e6:.1f} MB, a study of the most demand points", STUDIES, study),
            (f"{len(padded) / 1e6:.1f} MB, mostly white", STUDIES, padded),
            (f"{len(junk) / 1e6:.1f} MB of the most values, refused", PLANS, junk),
        ):
            figures[f"a body of {what}"] = _most_mb(served, "POST", path, body=body)
        figures["a list of the most jobs"] = _most_mb(served, "GET", f"{PLANS}?limit={LIMITS.max_page}")
        links = running.plan(largest)["links"]
        # With a colon they are verbs.
        parts = [link for name, link in links.items() if name != "export" and ":" not in link]
        figures["a plan of the most stations: the largest of its parts and exports"] = max(
            _most_mb(served, "GET", path) for path in [*parts, *links["export"]]
        )
        city = _city(max(2, round(share * LIMITS.max_city_mb) - 2))
        figures[f"a city of {len(city) / 1e6:.0f} MB"] = _most_mb(
            served, "PUT", "/v1/cities/large", body=city, kind="application/zip"
        )
    for what, most_mb in figures.items():
        yield Figure(
            what=f"memory of the API, {what}",
            target=f"< {MOST_MB} MB",
            figure=f"{most_mb:.0f} MB",
            is_met=most_mb < MOST_MB,
        )


def _most_mb(
    served: House, method: str, path: str, *, body: bytes | None = None, kind: str = "application/json"
) -> float:
    with Watch(served.api) as api:
        answer = served.running.http.request(
            method, path, content=body, headers={"Content-Type": kind} if body else {}, timeout=300
        )
    if answer.status_code not in (200, 201, 202, 422):
        raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
    return api.most_mb


def _plan(served: House, *, stations: int) -> str:
    """A plan that is done, of so many stations and the most vans."""
    city = inline_city(stations=stations, vans=LIMITS.max_vans)
    job_id: str = served.running.submit({"city": city, "limits": {"seconds": 10}})["id"]
    served.running.wait_until(job_id, "succeeded", within_s=900)
    return job_id


def _study(points: int) -> dict[str, object]:
    """Of so many demand points, with as many candidates as may be beside them."""
    sites = min(LIMITS.max_sites, LIMITS.max_access_pairs // points, 1 + points // 20)
    rows = [{"id": f"p{number}", "at": number / 100, "weight": 3} for number in range(points)]
    places = [{"id": f"s{number}", "at": number / 5} for number in range(sites)]
    return {
        "city": inline_document(demand=collection(rows), candidates=collection(places)),
        "wishes": {"max_new_sites": 1},
    }


def _city(megabytes: int) -> bytes:
    """A city as a zip file of this size: beside what it needs a file that nobody reads."""
    with TemporaryDirectory() as folder:
        content = BytesIO(packed(write_gbfs_2(write_city_folder(Path(folder)))))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("SOURCE.md", bytes(megabytes * 1_000_000))
    return content.getvalue()
