"""
Reads GeoJSON (RFC 7946) as it is written: with and without `crs`, with ids inside or beside the properties.

Every position is looked at before a geometry is made of it, so that whatever is wrong is told with its feature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from optimiser.basics.findings import Findings
from scenarios.json_text import parse_json
from scenarios.siting.files.feature import NOWHERE, Feature, number_of, short

WGS84 = frozenset({"4326", "crs84", "wgs84", "wgs 84", "ogc:crs84", "epsg:4326"})
REPROJECT = "save it in WGS84 (EPSG:4326), degrees of longitude and latitude: ogr2ogr -t_srs EPSG:4326 OUT.geojson IN"
DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""Lists between a geometry's coordinates and its positions."""
LEAST = {"Point": 1, "MultiPoint": 1, "LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
"""Positions in the innermost list."""
COLLECTION = '{"type": "FeatureCollection", "features": [...]}'
MOST_ERRORS = 1000
"""Told one by one; after so many the rest of the file is not looked at."""


def read_geojson(path: Path, findings: Findings) -> list[Feature] | None:
    """The features of a file; None where it cannot be read at all. Those that are none are told and left out."""
    document = parse_json(path.read_bytes(), findings, source=path.name, hint=COLLECTION)
    if document is None or not _is_wgs84(document, findings, source=path.name):
        return None
    raw = _raw_features(document)
    if raw is None:
        findings.error(
            "not_geojson",
            "is not a FeatureCollection",
            source=path.name,
            value=short(document.get("type")) if isinstance(document, Mapping) else None,
            hint=COLLECTION,
        )
        return None
    features, told = [], len(findings.items)
    for index, item in enumerate(raw):
        feature = _feature(item, index, findings, source=path.name)
        if feature is not None:
            features.append(feature)
        if len(findings.items) - told > MOST_ERRORS:
            text = f"has more than {MOST_ERRORS} wrong features; those from {index} on were not looked at"
            findings.error("too_many_errors", text, source=path.name, where=f"features/{index}")
            break
    return features


def _is_wgs84(document: Any, findings: Findings, *, source: str) -> bool:
    """The old `crs` member may only say what holds anyway."""
    crs = document.get("crs") if isinstance(document, Mapping) else None
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else crs
    if crs is None or is_wgs84(str(name)):
        return True
    findings.error("crs", f"is in {short(name)}", source=source, where="crs", value=short(name), hint=REPROJECT)
    return False


def is_wgs84(name: str) -> bool:
    """Whether the name of a coordinate reference system means degrees of longitude and latitude."""
    lowered = name.casefold().strip()
    return lowered in WGS84 or lowered.rpartition(":")[2] in WGS84


def _raw_features(document: Any) -> list[Any] | None:
    if not isinstance(document, Mapping):
        return None
    if document.get("type") == "Feature":
        return [document] if "geometry" in document else None
    features = document.get("features")
    return features if isinstance(features, list) else None


def _feature(item: Any, index: int, findings: Findings, *, source: str) -> Feature | None:
    if not isinstance(item, Mapping):
        findings.error("not_a_feature", "is not a feature", source=source, where=f"features/{index}", value=short(item))
        return None
    properties = item.get("properties")
    values = (
        {str(name).strip().casefold(): value for name, value in properties.items()}
        if isinstance(properties, Mapping)
        else {}
    )
    if item.get("id") is not None:
        values.setdefault("id", item["id"])
    id_ = values.get("id")
    where = f"features/{index}" + (f" (id {short(id_)})" if isinstance(id_, (str, int)) else "")
    if properties is not None and not isinstance(properties, Mapping):
        findings.error("not_a_feature", "properties are no object", source=source, where=where, hint="{...} or null")
        return None
    wrong = next(_wrong(item.get("geometry")), None)
    if wrong is not None:
        code, message, value, hint = wrong
        findings.error(code, message, source=source, where=f"{where}, geometry", value=short(value), hint=hint)
    geometry = _geometry(item["geometry"]) if wrong is None else NOWHERE
    return Feature(values=values, geometry=geometry, source=source, where=where)


def _wrong(geometry: Any) -> Iterator[tuple[str, str, Any, str]]:
    """What is wrong with a geometry: code, message, value, hint."""
    kinds = f"one of {', '.join(DEPTH)}"
    if not isinstance(geometry, Mapping):
        yield "geometry_missing", "there is no geometry", geometry, kinds
        return
    kind = geometry.get("type")
    if not isinstance(kind, str) or kind not in DEPTH:
        yield "geometry_kind", f"{short(kind)!r} is no geometry that can be used", kind, kinds
        return
    lists = [geometry.get("coordinates")] if DEPTH[kind] else [[geometry.get("coordinates")]]
    for _ in range(DEPTH[kind] - 1):
        lists = [inner for outer in lists for inner in (outer if isinstance(outer, list) and outer else [None])]
    for positions in lists:
        if not isinstance(positions, list) or len(positions) < LEAST[kind]:
            value = positions if not isinstance(positions, list) else len(positions)
            yield "coordinates", f"{kind} lacks coordinates", value, f"at least {LEAST[kind]} positions [lon, lat]"
            continue
        yield from (wrong for position in positions if (wrong := _wrong_position(position)) is not None)
        if LEAST[kind] == 4 and positions[0] != positions[-1]:
            yield "ring_open", "a ring does not end where it begins", positions[-1], f"end with {positions[0]}"


def _wrong_position(position: Any) -> tuple[str, str, Any, str] | None:
    numbers = (
        [number_of(part) if not isinstance(part, str) else None for part in position[:2]]
        if isinstance(position, list)
        else []
    )
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
        return "coordinates", f"{short(position)} is no position", position, "[lon, lat], two finite numbers"
    return wrong_degrees(numbers[0], numbers[1])


def wrong_degrees(lon: float, lat: float) -> tuple[str, str, Any, str] | None:
    """What is wrong with a position that is not on the globe."""
    if abs(lon) <= 180 and abs(lat) <= 90:
        return None
    return "not_degrees", f"[{lon:g}, {lat:g}] is not on the globe", [lon, lat], REPROJECT


def _geometry(geometry: Mapping[str, Any]) -> BaseGeometry:
    """The geometry of checked coordinates, without heights."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "Point":
        return shapely.Point(coordinates[:2])
    if kind == "Polygon":
        return _polygon(coordinates)
    if kind == "MultiPolygon":
        return shapely.MultiPolygon([_polygon(rings) for rings in coordinates])
    if kind == "MultiLineString":
        return shapely.MultiLineString([_flat(line) for line in coordinates])
    return shapely.LineString(_flat(coordinates)) if kind == "LineString" else shapely.MultiPoint(_flat(coordinates))


def _polygon(rings: list[Any]) -> shapely.Polygon:
    return shapely.Polygon(_flat(rings[0]), [_flat(ring) for ring in rings[1:]])


def _flat(positions: list[Any]) -> list[list[float]]:
    return [position[:2] for position in positions]
