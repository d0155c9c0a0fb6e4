"""Candidate sites and chargers that an OpenStreetMap extract knows of: car parks, fuel stations, lamps, and more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, cast

import osmium
import shapely
from shapely.geometry.base import BaseGeometry

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.network.osm import UNREADABLE, check_limits
from scenarios.siting.files.feature import Feature

OUT_OF_ORDER = "out of order"
"""As libosmium says where ids do not rise."""
PRIVATE = frozenset({"no", "private", "permit", "residents", "employees", "staff"})


Thing = osmium.osm.Node | osmium.osm.Way | osmium.osm.Area


class Rule(NamedTuple):
    """Things with this tag are candidates of a source, for a reason."""

    key: str
    value: str
    source: str
    what: str
    why: str


ALONG = ("lane", "street_side", "on_kerb", "half_on_kerb", "shoulder", "layby")
RULES = (
    Rule("amenity", "charging_station", "existing", "Charging station", "chargers stand here already"),
    *(Rule("parking", value, "kerbside", "Street parking", "cars are parked along the street here") for value in ALONG),
    Rule("amenity", "parking", "parking", "Car park", "a car park: cars stand here for a while anyway"),
    Rule("amenity", "fuel", "fuel", "Fuel station", "a fuel station: drivers stop here to fill up"),
    Rule("amenity", "car_sharing", "car_sharing", "Car sharing", "shared cars are parked and handed over here"),
    Rule("highway", "street_lamp", "street_lamp", "Street lamp", "a street lamp: its cable can feed a slow plug"),
    Rule("amenity", "bicycle_rental", "bike_parking", "Bike rental", "shared bikes stand here"),
)
"""The first that fits decides."""


class OsmSites(NamedTuple):
    """What an extract has, each with `source`, `name` and `why` among its values."""

    found: tuple[Feature, ...]
    private: int
    """Of things that would do, but are not open to everybody."""


NOTHING = OsmSites((), 0)


def read_osm_sites(path: Path, findings: Findings) -> OsmSites:
    """Everything in a street extract that may be a site; nothing in a file of another format."""
    if path.suffix == ".graphml":
        return NOTHING
    try:
        check_limits(path)
        return _read_in_any_order(path)
    except InvalidInput as error:
        findings.extend(error.findings)
    except UNREADABLE as error:
        hint = "a whole OpenStreetMap file"
        findings.error("streets_unreadable", f"cannot be read: {error}", source=path.name, hint=hint)
    return NOTHING


def _read_in_any_order(path: Path) -> OsmSites:
    """What a file has; one whose ids do not rise is read sorted, for which it is taken into memory."""
    try:
        return _read(path, source=path.name)
    except RuntimeError as error:
        if OUT_OF_ORDER not in str(error):
            raise
    with TemporaryDirectory() as folder:
        in_order = Path(folder) / "sorted.osm.pbf"
        objects = osmium.MergeInputReader()
        objects.add_file(str(path))
        with osmium.SimpleWriter(str(in_order)) as writer:
            objects.apply(writer)
        return _read(in_order, source=path.name)


def _read(path: Path, *, source: str) -> OsmSites:
    """What a file has whose ids rise, as shapes are put together from it."""
    found, private = dict[str, Feature](), 0
    for thing, rule, geometry in _things(path):
        id_ = _id(thing)
        values = {tag.k.casefold(): tag.v for tag in thing.tags}
        said = {"id": id_, "source": rule.source, "name": _name(values, rule), "why": rule.why}
        if values.get("access", "yes") in PRIVATE:
            private += 1
        else:
            found[id_] = Feature(values={**values, **said}, geometry=geometry, source=source, where=id_)
    return OsmSites(tuple(found.values()), private)


def _things(path: Path) -> Iterator[tuple[Thing, Rule, BaseGeometry]]:
    tags = osmium.filter.TagFilter(*((rule.key, rule.value) for rule in RULES))
    factory = osmium.geom.WKBFactory()
    for thing in cast("Iterator[Thing]", osmium.FileProcessor(str(path)).with_areas(tags).with_filter(tags)):
        rule = next((rule for rule in RULES if thing.tags.get(rule.key) == rule.value), None)
        geometry = None if rule is None else _geometry(thing, factory)
        if rule is not None and geometry is not None:
            yield thing, rule, geometry


def _id(thing: Thing) -> str:
    if isinstance(thing, osmium.osm.Area):
        return f"{'way' if thing.from_way() else 'relation'}/{thing.orig_id()}"
    return f"{'node' if isinstance(thing, osmium.osm.Node) else 'way'}/{thing.id}"


def _name(values: Mapping[str, str], rule: Rule) -> str:
    street = " ".join(values[key] for key in ("addr:street", "addr:housenumber") if key in values)
    return values.get("name") or (f"{rule.what}, {street}" if street else rule.what)


def _geometry(thing: Thing, factory: osmium.geom.WKBFactory) -> BaseGeometry | None:
    """Where it is; None for closed ways, which come again as areas, and for what the extract cuts."""
    try:
        if isinstance(thing, osmium.osm.Node):
            return shapely.Point(thing.location.lon, thing.location.lat)
        if isinstance(thing, osmium.osm.Area):
            return shapely.from_wkb(factory.create_multipolygon(thing))
        if isinstance(thing, osmium.osm.Way) and not thing.is_closed():
            return shapely.from_wkb(factory.create_linestring(thing))
    except (RuntimeError, osmium.InvalidLocationError, shapely.errors.ShapelyError):
        return None
    return None
