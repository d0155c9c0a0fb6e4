"""However a city or a feed is broken, the answer is a list of located findings or a valid city, never a crash."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.findings import Findings
from scenarios.conversion import read_city, to_city
from scenarios.folder import read_folder
from scenarios.schema import CityModel
from tests.city_documents import city_document, write_city_folder
from tests.feed_folders import write_csv, write_gbfs_2, write_gbfs_3

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["", "-1", "NaN", "1e999", "22:00", "A", "depot", [], {}, [None], {"id": "A"}, 10**400, -0.0]),
)


def spots(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    yield path
    if isinstance(document, dict):
        for key in document:
            yield from spots(document[key], (*path, key))
    elif isinstance(document, list):
        for index in range(len(document)):
            yield from spots(document[index], (*path, index))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return changed


def broken(document: Any) -> st.SearchStrategy[Any]:
    """The document with up to three places replaced by something odd."""
    places = [path for path in spots(document) if path]

    def change(parts: list[tuple[tuple[Any, ...], Any]]) -> Any:
        changed = document
        # Deepest first, so that later replacements still find their place.
        for path, value in sorted(parts, key=lambda part: -len(part[0])):
            changed = replaced(changed, path, value)
        return changed

    return st.lists(
        st.tuples(st.sampled_from(places), ODD), min_size=1, max_size=3, unique_by=lambda part: part[0]
    ).map(change)


def assert_told_or_valid(model: CityModel | None, findings: Findings) -> None:
    if model is None:
        assert findings.errors
        for error in findings.errors:
            assert error.message
            assert error.source
            # What is told can be sent over HTTP.
            json.dumps(str(error))
        return
    city, snapshot, targets = to_city(model)
    capacities = {station.id: station.capacity for station in city.stations}
    assert {status.station_id for status in snapshot.stations} == set(capacities)
    assert all(0 <= status.bikes <= capacities[status.station_id] for status in snapshot.stations)
    assert {target.station_id for target in targets} <= set(capacities)


@given(document=broken(city_document() | {"targets": [{"station_id": "A", "low": 1, "high": 2}]}))
@settings(max_examples=200, deadline=None)
def test_a_broken_inline_city(document: Any):
    findings = Findings()
    assert_told_or_valid(read_city(document, findings), findings)


@pytest.mark.parametrize("write", [write_gbfs_2, write_gbfs_3])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_broken_feed(write: Any, data: st.DataObject):
    with tempfile.TemporaryDirectory() as scratch:
        folder = write(write_city_folder(Path(scratch)))
        name = data.draw(st.sampled_from(sorted(path.name for path in folder.glob("*.json"))))
        document = data.draw(broken(json.loads((folder / name).read_text(encoding="utf-8"))))
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
        findings = Findings()
        assert_told_or_valid(read_folder(folder, findings), findings)


@given(
    text=st.text(max_size=200), name=st.sampled_from(["station_information.csv", "station_status.csv", "targets.csv"])
)
@settings(max_examples=60, deadline=None)
def test_a_broken_table(text: str, name: str):
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_csv(write_city_folder(Path(scratch)))
        header = (
            (folder / name).read_text(encoding="utf-8").splitlines()[0] if (folder / name).exists() else "station_id"
        )
        (folder / name).write_text(f"{header}\n{text}", encoding="utf-8")
        findings = Findings()
        assert_told_or_valid(read_folder(folder, findings), findings)
