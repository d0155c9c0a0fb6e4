"""Counts what a study of a city given in full would take, before anything is built from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.raw_rows import id_of, items, real, rows
from scenarios.siting.contradictions import studied_kinds
from scenarios.siting.files.kerbside import MOST
from scenarios.siting.files.sockets import CAPACITY, OUTPUTS
from scenarios.siting.presets import KINDS, SOURCES
from service.jobs.bodies import excess, part
from service.settings import Settings

AREAS = ("districts", "excluded", "grid")
MOST_PLUGS = 200
"""No site and no kind has more."""


def count_study(document: Any, settings: Settings, findings: Findings) -> None:
    """Note everything that is over a stated limit; what is malformed is passed over in silence."""
    city, wishes = part(document, "city"), part(document, "wishes")
    siting = part(city, "siting")
    for name, owner, where in (
        *((name, siting, "/city/siting") for name in ("force", "ban")),
        *((name, wishes, "/wishes") for name in ("force", "ban")),
    ):
        _limit(findings, "max_sites", f"{where}/{name}", _length(part(owner, name)), settings.max_sites)
    entries = _entries(siting) + _entries(wishes)
    _limit(findings, "max_study_entries", "/city/siting", entries, settings.max_study_entries)
    if not isinstance(city, Mapping):
        return
    demand, candidates, chargers = (len(_features(city, name)) for name in ("demand", "candidates", "chargers"))
    _limit(findings, "max_demand_points", "/city/demand/features", demand, settings.max_demand_points)
    _limit(findings, "max_sites", "/city/candidates/features", candidates, settings.max_sites)
    _limit(findings, "max_sites", "/city/chargers/features", chargers, settings.max_sites)
    for name in AREAS:
        found = len(_features(city, name))
        _limit(findings, "max_areas", f"/city/{name}/features", found, settings.max_areas)
    # Without candidates there is a site for some of the places of demand.
    pairs = demand * (chargers + (min(demand, MOST) if city.get("candidates") is None else candidates))
    _limit(findings, "max_access_pairs", "/city/demand/features", pairs, settings.max_access_pairs)
    servings = demand * math.prod(max(1, _length(part(siting, name))) for name in ("phases", "scenarios"))
    _limit(findings, "max_servings", "/city/siting", servings, settings.max_servings)
    if not findings.errors:
        _limit(findings, "max_builds", "/city/siting/kinds", _builds(city, siting), settings.max_builds)


def _limit(findings: Findings, name: str, where: str, value: int, limit: int) -> None:
    if value > limit:
        excess(findings, name, where, value, limit)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (Sequence, Mapping)) and not isinstance(value, str) else 0


def _features(city: Mapping[str, Any], name: str) -> Sequence[Any]:
    features = part(city.get(name), "features")
    return features if isinstance(features, Sequence) and not isinstance(features, str) else ()


def _entries(table: Any) -> int:
    """Entries of a table and of all that is in it, without those of `force` and `ban`."""
    count, left = 0, [table]
    while left:
        value = left.pop()
        inside: Iterable[Any] = ()
        if isinstance(value, Mapping):
            inside = [item for name, item in value.items() if name not in ("force", "ban")]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            inside = value
        for item in inside:
            count += 1
            left.append(item)
    return count


def _builds(city: Mapping[str, Any], siting: Any) -> int:
    """At most so many ways there are to furnish sites with plugs; sites of which the same is said count once."""
    study = siting if isinstance(siting, Mapping) else {}
    kinds = _most_by_kind(study)
    alike = set()
    for name, source in (("candidates", "upload"), ("chargers", "existing")):
        for feature in _features(city, name):
            said = part(feature, "properties")
            values = said if isinstance(said, Mapping) else {}
            rule = _rule(study, str(values.get("source") or source))
            most = _plugs(values, rule.get("max_plugs"))
            standing = tuple(f"{key} {value}" for key, value in values.items() if _tells_plugs(key, kinds))
            alike.add((most, tuple(_own(values, rule, kinds)), str(values.get("max_kw")), standing))
    return sum(_combinations(most, [kinds[id_] for id_ in own]) for most, own, _, _ in alike)


def _tells_plugs(key: str, kinds: Mapping[str, int]) -> bool:
    """Whether a property may tell which plugs stand at a charger."""
    return key in kinds or key.startswith("socket") or key in {*CAPACITY, *OUTPUTS}


def _most_by_kind(study: Mapping[str, Any]) -> dict[str, int]:
    """Plugs of each kind of the study at a site, at most."""
    given = {id_of(row): row for _, row in rows(study, "kinds")}
    return {
        id_: _plugs(given.get(id_, {}), KINDS[id_]["max_plugs"] if id_ in KINDS else 8) for id_ in studied_kinds(study)
    }


def _rule(study: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    own = part(study.get("sources"), source)
    return {**SOURCES.get(source, SOURCES["upload"]), **(own if isinstance(own, Mapping) else {})}


def _plugs(values: Mapping[str, Any], otherwise: Any) -> int:
    said = real(values, "max_plugs")
    most = (otherwise if isinstance(otherwise, int) else MOST_PLUGS) if said is None else int(said)
    return max(0, min(MOST_PLUGS, most))


def _own(values: Mapping[str, Any], rule: Mapping[str, Any], kinds: Mapping[str, int]) -> list[str]:
    """Kinds that may come to a site: those that it names as a list, else those of its source, else all."""
    named = values.get("kinds", rule.get("kinds"))
    words = {str(word) for _, word in items(named, ())}
    return [id_ for id_ in kinds if id_ in words] if words else list(kinds)


def _combinations(most: int, by_kind: Sequence[int]) -> int:
    """At most so many numbers of plugs by kind: as many as fit together, and as many as each kind allows."""
    return min(math.comb(most + len(by_kind), most), math.prod(min(most, one) + 1 for one in by_kind))
