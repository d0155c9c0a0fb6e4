"""A city for siting in one document: what stands in files of a folder stands beside `siting`, as GeoJSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.network.straight_line import StraightLine
from scenarios.folder import CITY_FILE
from scenarios.loader import list_cities
from scenarios.schema_errors import nearest, pointer
from scenarios.siting.city import SitingCity, read_siting_city
from scenarios.siting.conversion import Assumed
from scenarios.siting.earlier import STUDY_FILE
from scenarios.siting.files.geojson import COLLECTION
from scenarios.siting.schema import SitingCityModel
from scenarios.siting.study import WISHES

FILES = ("demand", "candidates", "chargers", "districts", "excluded", "grid")
FILE_IN_A_SENTENCE = re.compile(rf"\b({'|'.join(FILES)})\.geojson(?:: (features/\d+))?")
SAME_FILE = re.compile(r"(?<=first is )features/\d+|(?<=first: )features/\d+")


def _collection(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise PydanticCustomError("not_geojson", "is not a FeatureCollection", {"hint": COLLECTION})
    return value


Collection = Annotated[
    dict[str, Any], BeforeValidator(_collection), Field(description="A GeoJSON FeatureCollection in WGS84.")
]


class InlineStudyModel(SitingCityModel):
    """A city as far as siting asks, complete; `streets` names a bundled city, or is a straight line."""

    demand: Collection
    candidates: Collection | None = None
    chargers: Collection | None = None
    districts: Collection | None = None
    excluded: Collection | None = None
    grid: Collection | None = None


def lay_out(document: Mapping[str, Any], folder: Path) -> None:
    """Write a document's collections as the files that they would be in a folder."""
    for name in FILES:
        if isinstance(collection := document.get(name), Mapping):
            (folder / f"{name}.geojson").write_text(json.dumps(collection), encoding="utf-8")


def inline_city(model: InlineStudyModel, folder: Path, findings: Findings) -> SitingCity | None:
    """The city whose files are laid out in `folder`; None, with the error, where its streets are not known."""
    streets = _streets(model, findings)
    if streets is None:
        return None
    return SitingCity(model=model, folder=folder, streets=streets, assumed=Assumed.nothing())


def pointed(findings: Iterable[Finding]) -> list[Finding]:
    """Findings about files of a folder, led to where a request says the same."""
    return [_pointed(finding) for finding in findings]


def _streets(model: InlineStudyModel, findings: Findings) -> Path | StraightLine | None:
    source = model.streets.source
    if source is None:
        # Both are given when no source is: the schema saw to it.
        assert model.streets.circuity is not None
        assert model.streets.speed_kmh is not None
        return StraightLine(model.streets.circuity, model.streets.speed_kmh)
    if is_unknown(source, findings):
        return None
    city = read_siting_city(source, findings)
    return None if city is None else city.streets


def is_unknown(source: str, findings: Findings) -> bool:
    """Whether no bundled city lends streets of this name, which is told."""
    if source in list_cities():
        return False
    guess = nearest(source, list_cities())
    findings.error(
        "unknown_streets",
        f"there are no streets named {source}",
        source=CITY_FILE,
        where="streets",
        value=source,
        hint=f"did you mean {guess}?" if guess else f"one of {', '.join(list_cities())}, or a straight line",
    )
    return True


def _pointed(finding: Finding) -> Finding:
    where = _pointer(finding)
    owner = "/".join(where.split("/")[:3])
    hint = SAME_FILE.sub(lambda place: f"{owner}/{place[0]}", finding.hint)
    message, hint = (
        FILE_IN_A_SENTENCE.sub(lambda file: f"/city/{file[1]}" + (f"/{file[2]}" if file[2] else ""), text)
        for text in (finding.message, hint)
    )
    return replace(finding, source="request", where=where, message=message, hint=hint)


def _pointer(finding: Finding) -> str:
    if finding.source == CITY_FILE:
        return pointer(["city", *re.findall(r"[^.\[\]]+", finding.where)])
    if finding.source == WISHES:
        return pointer(["wishes", finding.where])
    if finding.source == STUDY_FILE:
        return pointer(["compare_with"])
    name = finding.source.partition(".")[0]
    if name not in FILES:
        return "/city/streets" if name == "streets" else "/city"
    feature = re.match(r"features/\d+", finding.where)
    return pointer(["city", name, *(feature[0].split("/") if feature else ())])
