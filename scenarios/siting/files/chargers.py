"""Chargers that stand already: those of `chargers.geojson`, or those that the street extract knows of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from optimiser.basics.findings import Findings
from optimiser.siting.problem import ChargerKind
from scenarios.siting.files.draft import Draft, draft_of
from scenarios.siting.files.feature import Feature, Notes, numbered
from scenarios.siting.files.osm_sites import PRIVATE, OsmSites
from scenarios.siting.files.sockets import MOST_PLUGS, Plugs, odd_figures, plugs_of
from scenarios.siting.files.source import files_of, read_filled

EXISTING = "existing"
WHY = "chargers stand here already"
EMPTY = "fill it, or remove it, and those that the street extract knows stand; with it none does"


def read_chargers(folder: Path, osm: OsmSites, kinds: Sequence[ChargerKind], findings: Findings) -> tuple[Draft, ...]:
    """Required sites with their plugs, every error in `findings`. Without a file those of the extract."""
    is_file = bool(files_of(folder, "chargers"))
    if is_file:
        features = read_filled(folder, "chargers", findings, hint=EMPTY) or ()
    else:
        features = tuple(feature for feature in osm.found if feature.values["source"] == EXISTING)
    notes = Notes()
    drafts = [
        draft
        for feature, otherwise in zip(features, numbered(features, "charger "), strict=True)
        if (draft := _draft(feature, otherwise, kinds, findings, notes, is_file=is_file)) is not None
    ]
    findings.extend(notes.told())
    return tuple(drafts)


def _draft(
    feature: Feature, otherwise: str, kinds: Sequence[ChargerKind], findings: Findings, notes: Notes, *, is_file: bool
) -> Draft | None:
    id_ = feature.id(Findings(), otherwise=otherwise)
    if str(feature.values.get("access", "yes")).strip().casefold() in PRIVATE:
        text = "is not open to everybody and is left out"
        notes.warn("charger_private", id_, feature, text, value=feature.values["access"])
        return None
    fitting = [kind for kind in kinds if kind.is_for_bikes == _is_for_bikes(feature)]
    if not fitting:
        text = f"is for {'bikes' if _is_for_bikes(feature) else 'cars'}, which no kind of the study is; it is left out"
        notes.warn("charger_without_kind", id_, feature, text, hint="add such a kind to siting.kinds")
        return None
    stated = _stated(feature, kinds, findings)
    found = plugs_of(feature.values, fitting) if stated is None else Plugs(stated, "")
    if is_file and stated is None and (odd := odd_figures(feature.values)):
        hint = f"whole numbers of plugs up to {MOST_PLUGS}, and power such as 22 kW"
        notes.warn("plugs_unread", id_, feature, f"has {', '.join(odd)}, which is taken as not said", hint=hint)
    if found.assumed:
        hint = "capacity, and socket:type2 with socket:type2:output, or a number under the id of a kind"
        notes.warn("plugs_assumed", id_, feature, found.assumed, value=sum(found.plugs.values()), hint=hint)
    return draft_of(
        feature, findings, kinds=kinds, otherwise=otherwise, source=EXISTING, why=WHY, plugs=dict(found.plugs)
    )


def _stated(feature: Feature, kinds: Sequence[ChargerKind], findings: Findings) -> dict[str, int] | None:
    """Plugs under the ids of the study's own kinds; None where none of these is there."""
    said = [kind.id for kind in kinds if feature.has(kind.id.casefold())]
    count = {id_: feature.number((id_.casefold(),), findings, most=MOST_PLUGS, is_whole=True) for id_ in said}
    return {id_: int(number) for id_, number in count.items() if number} if said else None


def _is_for_bikes(feature: Feature) -> bool:
    """Whether bikes charge there and cars do not, as far as it says."""
    said = {name: str(feature.values.get(name, "")).strip().casefold() for name in ("bicycle", "motorcar", "car")}
    return said["bicycle"] in {"yes", "designated"} and not {said["motorcar"], said["car"]} & {"yes", "designated"}
