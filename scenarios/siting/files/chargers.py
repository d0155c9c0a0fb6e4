"""Chargers that stand already: those of `chargers.geojson`, or those that the street extract knows of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from optimiser.basics.findings import Findings
from optimiser.siting.problem import ChargerKind
from scenarios.feed import some
from scenarios.schema_errors import nearest
from scenarios.siting.files.draft import COLUMNS, Draft, Surroundings, draft_of
from scenarios.siting.files.feature import MAX_ID_LENGTH, Feature, Notes, number_of, numbered, tell_spellings
from scenarios.siting.files.osm_sites import PRIVATE, OsmSites
from scenarios.siting.files.outside import Outside, outside
from scenarios.siting.files.place_table import LAT, LON
from scenarios.siting.files.sockets import (
    CAPACITY,
    MOST_PLUGS,
    OUTPUTS,
    POINT_OUTPUTS,
    SHARED_OUTPUTS,
    SOCKET_KW,
    SPEEDS,
    Plugs,
    odd_figures,
    plugs_of,
)
from scenarios.siting.files.source import files_of, read_filled
from scenarios.siting.presets import KINDS

EXISTING = "existing"
WHY = "chargers stand here already"
KIND_FORM = re.compile(r"(ac|dc)[ _-]?[0-9]+")
"""As columns are called that count the plugs of a kind, of the study or not."""
WHOSE = ("access", "bicycle", "motorcar", "car")
"""Columns that say for whom a charger is."""
REGISTER_IDS = ("id_pdc_itinerance", "ladeeinrichtungs-id", "international_id")
"""Of a row in the French, German and Nordic registers, where it has one; some write there that it does not apply."""
STATION_ID = "id_station_itinerance"
"""Of the station in the French register that a point belongs to; each row is a point."""
REGISTER = (*REGISTER_IDS, STATION_ID, *SPEEDS)
"""Columns of registers that are spelled alike, or like others that are looked at."""
BIKES = "ebike"
"""The preset for bikes."""
FIGURES = (*CAPACITY, *OUTPUTS, *SHARED_OUTPUTS, *POINT_OUTPUTS)
"""Columns that tell how many plugs a charger has, or of which power."""
NO_ID = "non concern"
"""How what that register says begins where there is no such id."""
EMPTY = "fill it, or remove it, and those that the street extract knows stand; with it none does"


class Chargers(NamedTuple):
    """What stands in the city, and what stands elsewhere."""

    drafts: tuple[Draft, ...]
    left_out: tuple[Outside, ...]
    """That lie outside what the study is about."""
    rows: int
    """Of the file, or things of the extract."""


def read_chargers(
    folder: Path, osm: OsmSites, around: Surroundings, findings: Findings, *, wished: Collection[str] = ()
) -> Chargers:
    """
    Required sites with their plugs, every error in `findings`. Without a file those of the extract.

    Those far from the city are left out, unless they are `wished` by their id.
    """
    is_file = bool(files_of(folder, "chargers"))
    if is_file:
        features = read_filled(folder, "chargers", findings, hint=EMPTY) or ()
    else:
        features = tuple(feature for feature in osm.found if feature.values["source"] == EXISTING)
    kinds = around.kinds
    if is_file:
        _tell_spellings(features, kinds, findings)
    notes, far, kept = Notes(), outside(features, around), set(wished)
    drafts, left_out = list[tuple[Draft, str | None]](), list[Outside]()
    for row, (feature, called, station) in enumerate(
        zip(features, _called(features), _stations(features), strict=True)
    ):
        id_ = feature.id(Findings(), otherwise=called)
        if row in far and kept.isdisjoint({id_, station}):
            left_out.append(Outside(id_, feature, far[row]))
        elif draft := _draft(_one_point(feature, station), called, kinds, findings, notes, is_file=is_file):
            drafts.append((draft, station))
    findings.extend(notes.told())
    return Chargers(_put_together(drafts), tuple(left_out), len(features))


def _stations(features: Sequence[Feature]) -> list[str | None]:
    """Of each row without an id of its own the station whose points stand in several rows, as the register has them."""
    said = [
        None if feature.id(Findings(), otherwise="") else feature.text((STATION_ID,), Findings(), longest=MAX_ID_LENGTH)
        for feature in features
    ]
    times = Counter(said)
    return [id_ if id_ and times[id_] > 1 and not id_.casefold().startswith(NO_ID) else None for id_ in said]


def _one_point(feature: Feature, station: str | None) -> Feature:
    """A row of a station tells how many points all of it has, and is one of them."""
    return feature if station is None else replace(feature, values={**feature.values, "nbre_pdc": 1})


def _put_together(drafts: Sequence[tuple[Draft, str | None]]) -> tuple[Draft, ...]:
    """Points of one station are one site, at the place of the first."""
    sites, row_of = list[Draft](), dict[str, int]()
    for draft, station in drafts:
        if station is None:
            sites.append(draft)
        elif station not in row_of:
            row_of[station] = len(sites)
            sites.append(replace(draft, id=station))
        else:
            site = sites[row_of[station]]
            sites[row_of[station]] = replace(site, plugs=dict(Counter(site.plugs) + Counter(draft.plugs)))
    return tuple(sites)


def _draft(
    feature: Feature, otherwise: str, kinds: Sequence[ChargerKind], findings: Findings, notes: Notes, *, is_file: bool
) -> Draft | None:
    id_ = feature.id(Findings(), otherwise=otherwise)
    if str(feature.values.get("access", "yes")).strip().casefold() in PRIVATE:
        text = "is not open to everybody and is left out"
        notes.warn("charger_private", id_, feature, text, value=feature.values["access"])
        return None
    before = len(findings.errors)
    stated = _stated(feature, kinds, findings)
    fitting = [kind for kind in kinds if kind.is_for_bikes == _is_for_bikes(feature)]
    if stated is None and not fitting:
        text = f"is for {'bikes' if _is_for_bikes(feature) else 'cars'}, which no kind of the study is; it is left out"
        notes.warn("charger_without_kind", id_, feature, text, hint="add such a kind to siting.kinds")
        return None
    if is_file:
        _tell_other_kinds(feature, id_, kinds, findings, notes)
    found = plugs_of(feature.values, fitting) if stated is None else Plugs(stated, "")
    if is_file and stated is None and (odd := odd_figures(feature.values)):
        hint = f"whole numbers of plugs up to {MOST_PLUGS}, and power such as 22 kW"
        notes.warn("plugs_unread", id_, feature, f"has {', '.join(odd)}, which is taken as not said", hint=hint)
    if found.assumed and len(findings.errors) == before:
        hint = "capacity, and socket:type2 with socket:type2:output, or a number under the id of a kind"
        if is_file and (idle := _not_looked_at(feature)):
            hint += f"; columns with numbers that are not looked at: {some(idle)}"
        notes.warn("plugs_assumed", id_, feature, found.assumed, value=sum(found.plugs.values()), hint=hint)
    draft = draft_of(
        feature, findings, kinds=kinds, otherwise=otherwise, source=EXISTING, why=WHY, plugs=dict(found.plugs)
    )
    if len(findings.errors) == before:
        _tell_room(draft, feature, notes)
    return draft


def _called(features: Sequence[Feature]) -> list[str]:
    """What to call each where it has no id: as the register calls it and no other, or its number."""
    said = [feature.text(REGISTER_IDS, Findings(), longest=MAX_ID_LENGTH) for feature in features]
    times = Counter(said)
    numbers = numbered(features, "charger ")
    return [id_ if id_ and times[id_] == 1 else number for id_, number in zip(said, numbers, strict=True)]


def _tell_spellings(features: Sequence[Feature], kinds: Sequence[ChargerKind], findings: Findings) -> None:
    """Columns that are spelled nearly as one that is looked at; kinds of the study are told by row."""
    said = dict.fromkeys(name for feature in features for name in feature.values)
    others = {name for name in said if name in {*WHOSE, *REGISTER} or name.startswith("socket:") or _is_kind(name)}
    known = (*COLUMNS, *(kind.id.casefold() for kind in kinds), *FIGURES)
    tell_spellings(features, known, findings, others=others)


def _is_kind(name: str) -> bool:
    """Whether a column is called as kinds of chargers or their sockets are."""
    return name in KINDS or name in SOCKET_KW or KIND_FORM.fullmatch(name) is not None


def _not_looked_at(feature: Feature) -> list[str]:
    """Columns in which a charger has numbers that nothing is taken from."""
    looked_at = {*COLUMNS, *LON, *LAT, *FIGURES, *REGISTER}
    return [name for name, value in feature.values.items() if name not in looked_at and number_of(value) is not None]


def _tell_other_kinds(
    feature: Feature, id_: str, kinds: Sequence[ChargerKind], findings: Findings, notes: Notes
) -> None:
    """Plugs that are not counted, as their column is called like a kind that is none, or one that the study lacks."""
    known = [kind.id.casefold() for kind in kinds]
    for name in [name for name in feature.values if _is_kind(name) and name not in known]:
        if not number_of(feature.values[name] or 0):
            continue
        text, hint = f"plugs of {name}, which is no kind of the study", f"kinds of the study are {some(known)}"
        if name in KINDS or name in SOCKET_KW:
            hint = f"{hint}; " + (f"add {name} to siting.kinds" if name in KINDS else f"call the column socket:{name}")
            notes.warn("plugs_unread", id_, feature, f"has {text}; they are not counted", value=name, hint=hint)
        else:
            guess = nearest(name, known)
            hint = f"did you mean {guess}?" if guess else hint
            feature.error(findings, "unknown_kind", name, f"there are {text}", hint=hint)


def _tell_room(draft: Draft, feature: Feature, notes: Notes) -> None:
    """What a row says of room for plugs and what stands there do not always agree."""
    standing = sum(draft.plugs.values())
    if draft.max_plugs is not None and draft.max_plugs < standing:
        text = f"has {standing} plugs and max_plugs of {draft.max_plugs}, which is taken as {standing}"
        hint = "max_plugs counts the plugs that stand, too"
        notes.warn("max_plugs_raised", draft.id, feature, text, value=draft.max_plugs, hint=hint)
    if not standing:
        text = "has no plugs and is taken as a site where chargers may be built"
        notes.warn("charger_without_plugs", draft.id, feature, text, hint="how many plugs stand there, or leave it out")


def _stated(feature: Feature, kinds: Sequence[ChargerKind], findings: Findings) -> dict[str, int] | None:
    """Plugs under the ids of the study's own kinds; None where none of these is there."""
    said = [kind.id for kind in kinds if feature.has(kind.id.casefold())]
    count = {id_: feature.number((id_.casefold(),), findings, most=MOST_PLUGS, is_whole=True) for id_ in said}
    return {id_: int(number) for id_, number in count.items() if number} if said else None


def _is_for_bikes(feature: Feature) -> bool:
    """Whether bikes charge there and cars do not, as far as it says, or as the preset is that counts its plugs."""
    if {name for name, value in feature.values.items() if name in KINDS and number_of(value)} == {BIKES}:
        return True
    said = {name: str(feature.values.get(name, "")).strip().casefold() for name in ("bicycle", "motorcar", "car")}
    return said["bicycle"] in {"yes", "designated"} and not {said["motorcar"], said["car"]} & {"yes", "designated"}
