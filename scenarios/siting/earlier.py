"""The plan of an earlier study, read from its study.json and put up among the sites of a study of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from optimiser.basics.findings import Findings
from optimiser.network.geodesy import great_circle_m
from optimiser.siting.plan import Built, Installation, Upgrade
from optimiser.siting.problem import Site, SitingProblem
from scenarios.feed import some
from scenarios.folder import CITY_FILE
from scenarios.json_text import parse_json
from scenarios.schema_errors import findings_of, nearest, pointer
from scenarios.siting.schema import SitingCityModel
from scenarios.siting.study import Inputs, look_over

STUDY_FILE = "study.json"
HINT = "a folder that `evenfleet site` has written, or the study.json in it"
SAME_PLACE_M = 50.0
"""A site that is further from where it was is another one with the same name."""
Plugs = Annotated[int, Field(ge=0, le=1000)]


class Part(BaseModel):
    """A part of study.json; what is not needed here is passed over."""

    model_config = ConfigDict(extra="ignore")


class EarlierSite(Part):
    """A site, and what the study builds there: plugs by phase and kind."""

    site_id: str
    lon: FiniteFloat
    lat: FiniteFloat
    new_plugs_by_phase: dict[str, dict[str, Plugs]]


class EarlierNode(Part):
    """A grid node, and the phase in which the study makes it stronger."""

    id: str
    upgraded_in: str | None


class EarlierPhase(Part):
    """A phase, by its name."""

    name: str


class EarlierCity(Part):
    """Whose study it is."""

    id: str | None = None
    """Studies of older versions do not tell it; then cities are told apart by their names."""
    name: str


class EarlierStudy(Part):
    """What study.json says of the plan."""

    format: Literal["evenfleet-siting-study/1"]
    city: EarlierCity
    phases: Annotated[list[EarlierPhase], Field(min_length=1)]
    sites: list[EarlierSite]
    grid: list[EarlierNode]


NO_SITE = EarlierSite(site_id="", lon=0.0, lat=0.0, new_plugs_by_phase={})
NO_NODE = EarlierNode(id="", upgraded_in=None)


def read_earlier(path: Path, findings: Findings) -> EarlierStudy | None:
    """
    The study in a folder, or in a file, with every place that is wrong in `findings`.

    Of one that is not as it should be it is what is sound, to be looked at further; None where there is none.
    """
    file = path / STUDY_FILE if path.is_dir() else path
    try:
        content = file.read_bytes()
    except OSError as error:
        findings.error("study_missing", f"cannot be read: {error.strerror}", source=str(file), hint=HINT)
        return None
    found = Findings()
    document = parse_json(content, found, source=str(file), hint=HINT)
    earlier = None if found.errors else earlier_of(document, found, source=str(file)) or _sound(document)
    findings.extend(found.items)
    return earlier


def earlier_of(document: Any, findings: Findings, *, source: str) -> EarlierStudy | None:
    """The study that a study.json tells; None where it is not as `evenfleet site` writes it, with every place."""
    try:
        return EarlierStudy.model_validate(document)
    except ValidationError as error:
        found = findings_of(error, model=EarlierStudy, source=source)
        findings.extend(replace(item, hint=item.hint or HINT) for item in found)
        return None


def _sound(document: Any) -> EarlierStudy | None:
    """What is sound of a document that is not as it should be, to be looked at as well; None where little is."""
    if not isinstance(document, Mapping):
        return None
    try:
        return EarlierStudy.model_validate(
            {
                **document,
                "sites": _each_sound(document.get("sites"), EarlierSite, otherwise=NO_SITE),
                "grid": _each_sound(document.get("grid"), EarlierNode, otherwise=NO_NODE),
            }
        )
    except ValidationError:
        return None


def _each_sound(rows: Any, model: type[Part], *, otherwise: Part) -> list[Part]:
    """Rows, each at its place: those that cannot be as one that builds nothing."""

    def read(row: Any) -> Part:
        try:
            return model.model_validate(row)
        except ValidationError:
            return otherwise

    return [read(row) for row in rows] if isinstance(rows, list) else []


def check_earlier(earlier: EarlierStudy | None, inputs: Inputs, findings: Findings) -> None:
    """
    Whether the study, if any, is of this city, and builds at sites, of kinds and for grid nodes that are there.

    Where anything is wrong no search will be, which would tell what does not fit together today: that is told as well.
    """
    if earlier is not None and _is_of(inputs.city, earlier.city):
        _check_places(earlier, inputs, findings)
    elif earlier is not None:
        _tell_another(inputs.city, earlier.city, findings)
    if findings.errors:
        look_over(inputs, findings)


def earlier_plan(earlier: EarlierStudy, problem: SitingProblem) -> Built:
    """What a study that fits builds, in phases of this problem: of the same names if all are there, else in order."""
    phase = _phases(earlier, problem)
    installations = (
        Installation(phase=phase[name], site_id=site.site_id, kind_id=kind, plugs=plugs)
        for site in earlier.sites
        for name, kind, plugs in _built(site)
    )
    upgrades = (
        Upgrade(phase=phase[node.upgraded_in], node_id=node.id) for node in earlier.grid if node.upgraded_in is not None
    )
    return tuple(sorted(installations)), tuple(sorted(upgrades))


def _is_of(city: SitingCityModel, other: EarlierCity) -> bool:
    return other.name == city.name if other.id is None else other.id == city.id


def _tell_another(city: SitingCityModel, other: EarlierCity, findings: Findings) -> None:
    """Towns of one name are told apart by their ids."""
    field = "id" if other.name == city.name else "name"
    now, then = getattr(city, field), getattr(other, field)
    is_namesake = field == "id"
    findings.error(
        "another_city",
        f"the earlier study is of {f'{other.name} with the id ' * is_namesake}{then}, not of {now}",
        source=STUDY_FILE,
        where=pointer(("city", field)),
        value=then,
        hint=f"one of {now}" + f'; if it is the same town, let {CITY_FILE} say id = "{then}"' * is_namesake,
    )


def _built(site: EarlierSite) -> Iterator[tuple[str, str, int]]:
    """Phase, kind and number of what is built at a site."""
    for phase, by_kind in site.new_plugs_by_phase.items():
        yield from ((phase, kind, plugs) for kind, plugs in by_kind.items() if plugs > 0)


def _phases(earlier: EarlierStudy, problem: SitingProblem) -> dict[str, int]:
    """By the name of an earlier phase, the number of the one of today; where there are fewer today, the last."""
    names = [phase.name for phase in problem.wishes.phases]
    before = [phase.name for phase in earlier.phases]
    if set(before) <= set(names):
        return {name: names.index(name) for name in before}
    return {name: min(number, len(names) - 1) for number, name in enumerate(before)}


def _check_places(earlier: EarlierStudy, inputs: Inputs, findings: Findings) -> None:
    phases = [phase.name for phase in earlier.phases]
    sites, kinds = {site.id: site for site in inputs.sites}, [kind.id for kind in inputs.kinds]
    for row, site in enumerate(earlier.sites):
        built = list(_built(site))
        if built:
            _check_site(row, site, sites, findings)
        for phase, kind, _ in built:
            at = ("sites", row, "new_plugs_by_phase", phase)
            if phase not in phases:
                _unknown(findings, "phase", phase, phases, pointer(at))
            if kind not in kinds:
                _unknown(findings, "kind", kind, kinds, pointer((*at, kind)))
    nodes = [node.id for node in inputs.grid]
    for row, node in enumerate(earlier.grid):
        if node.upgraded_in is not None:
            if node.id not in nodes:
                _unknown(findings, "grid_node", node.id, nodes, pointer(("grid", row, "id")))
            if node.upgraded_in not in phases:
                _unknown(findings, "phase", node.upgraded_in, phases, pointer(("grid", row, "upgraded_in")))


def _check_site(row: int, site: EarlierSite, sites: Mapping[str, Site], findings: Findings) -> None:
    now = sites.get(site.site_id)
    if now is None:
        _unknown(findings, "site", site.site_id, list(sites), pointer(("sites", row, "site_id")))
        return
    away_m = float(great_circle_m(site.lon, site.lat, now.lon, now.lat))
    if away_m > SAME_PLACE_M:
        findings.error(
            "site_moved",
            f"site {site.site_id} is {away_m:,.0f} m from where the earlier study builds",
            source=STUDY_FILE,
            where=pointer(("sites", row)),
            value=[site.lon, site.lat],
            hint="a study of the same candidate sites",
        )


def _unknown(findings: Findings, what: str, id_: str, known: list[str], where: str) -> None:
    guess = nearest(id_, known)
    hint = f"did you mean {guess}?" if guess else f"there are {some(known) or 'none'}"
    text = f"the earlier study has {what.replace('_', ' ')} {id_}, which is not there"
    findings.error(f"unknown_{what}", text, source=STUDY_FILE, where=where, value=id_, hint=hint)
