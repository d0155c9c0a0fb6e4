"""From `[siting]` to the optimiser's values, with what is assumed where nothing is said, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from optimiser.siting.problem import ChargerKind, Phase, Scenario, Segment, Wishes
from scenarios.siting.presets import CURRENCY, KINDS, MAX_NEW_SITES, SEGMENTS, SOURCES, STUDIED
from scenarios.siting.schema import PhaseModel, ScenarioModel, SitingCityModel, SitingModel, SourceModel

PRICES = ("plug_cost", "open_cost")
WORDS = {
    "power_kw": "{value} kW",
    "plug_cost": "{value} {currency} a plug",
    "session_minutes": "sessions of {value} min",
    "max_plugs": "{value} plugs at a site at most",
    "max_wait_minutes": "waits of up to {value} min",
    "wait_share": "{value} of drivers may wait longer",
    "simultaneity": "{value} of the power of all plugs held ready",
    "kinds": "kinds {value}",
    "profile": "they {value}",
    "reach_s": "they go {value} s at most",
    "full_s": "full value up to {value} s",
    "least": "{value} of it at the furthest",
    "sessions_per_day": "{value} sessions a day each",
    "kwh_per_session": "{value} kWh a session",
    "peak_share": "{value} of a day's sessions in the busiest hour",
    "open_cost": "{value} {currency} to open one",
    "max_kw": "{value} kW at a site at most",
}
"""For fields that are filled in."""
SHARES = ("wait_share", "simultaneity", "least", "peak_share")
ALL_AT_ONCE, AS_GIVEN = Phase(name="all at once"), Scenario(name="as given")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRule:
    """What holds for sites of one source, where their file does not say otherwise."""

    open_cost: float
    max_plugs: int
    max_kw: float | None
    kinds: frozenset[str]


@dataclass(slots=True)
class Assumed:
    """What was filled in, each thing once, in the order in which it was needed."""

    sentences: dict[str, None]

    @classmethod
    def nothing(cls) -> Assumed:
        """To begin with."""
        return cls({})

    def note(self, sentence: str) -> None:
        """One more."""
        self.sentences[sentence] = None

    def fields(self, what: str, values: Mapping[str, Any], currency: str) -> None:
        """Values that were filled in for one thing, in one sentence."""
        if values:
            told = (WORDS[name].format(value=_told(name, value), currency=currency) for name, value in values.items())
            self.note(f"{what}: {', '.join(told)}")


def kinds_of(city: SitingCityModel, used: Collection[str], assumed: Assumed) -> tuple[ChargerKind, ...]:
    """
    The kinds of a study.

    Where it names none they are the usual ones, and what the segments in `used` need beside them.
    """
    given = {part.id: _given(part) for part in city.siting.kinds}
    if not given:
        needed = [SEGMENTS[id_]["kinds"] for id_ in sorted(used) if id_ in SEGMENTS]
        more = (kind for kinds in needed if not set(kinds) & set(STUDIED) for kind in kinds)
        given = {id_: {} for id_ in (*STUDIED, *more)}
        assumed.note(f"kinds of chargers: {', '.join(given)}")
    made = []
    for id_, values in given.items():
        preset = {name: value for name, value in _priced(city, KINDS.get(id_, {})).items() if name not in values}
        assumed.fields(
            f"charger kind {id_}", {name: value for name, value in preset.items() if name != "name"}, city.currency
        )
        made.append(ChargerKind(**{"id": id_, "name": id_, **preset, **values}))
    return tuple(made)


def segments_of(
    city: SitingCityModel, used: Collection[str], kinds: Collection[str], assumed: Assumed
) -> tuple[Segment, ...]:
    """Segments that demand belongs to: those that are listed, and presets that `used` names beside them."""
    given = {part.id: _given(part, "column") for part in city.siting.segments}
    listed = {**given, **{id_: {} for id_ in sorted(used) if id_ in SEGMENTS and id_ not in given}}
    made = []
    for id_, values in listed.items():
        preset = {name: value for name, value in SEGMENTS.get(id_, {}).items() if name not in values}
        if "kinds" in preset:
            preset["kinds"] = tuple(kind for kind in preset["kinds"] if kind in kinds)
        whole = {"id": id_, "name": id_, **preset, **values}
        if "full_s" in preset:
            whole["full_s"] = preset["full_s"] = min(preset["full_s"], whole["reach_s"])
            if whole["full_s"] < SEGMENTS[id_]["full_s"]:
                usual = SEGMENTS[id_]["full_s"]
                assumed.note(
                    f"segment {id_}: full value all the way, as its reach_s is less than the usual full_s of {usual} s"
                )
        assumed.fields(
            f"segment {id_}", {name: value for name, value in preset.items() if name != "name"}, city.currency
        )
        made.append(Segment(**{**whole, "kinds": frozenset(whole["kinds"])}))
    return tuple(made)


def source_rule(city: SitingCityModel, name: str, kinds: Collection[str], assumed: Assumed) -> SourceRule:
    """What holds for sites of a source; one that nobody knows is treated as an upload."""
    values = _given(city.siting.sources.get(name, SourceModel()))
    known = _priced(city, SOURCES.get(name, SOURCES["upload"]))
    preset = {field: value for field, value in known.items() if field not in values}
    whole = {"max_kw": None, **preset, **values}
    usable = frozenset(kind for kind in whole["kinds"] if kind in kinds)
    told = {**preset, "kinds": tuple(kind for kind in kinds if kind in usable)} if "kinds" in preset else preset
    assumed.fields(f"sites taken from {name}", told, city.currency)
    return SourceRule(**{**whole, "kinds": usable})


def wishes_of(siting: SitingModel, used: Collection[str], assumed: Assumed) -> Wishes:
    """What a plan is to keep to; what is said of segments that nobody belongs to is left out."""

    def given(part: PhaseModel | ScenarioModel, name: str) -> dict[str, Any]:
        values = part.model_dump()
        return {**values, name: {id_: factor for id_, factor in values[name].items() if id_ in used}}

    phases = tuple(Phase(**given(part, "growth")) for part in siting.phases) or (ALL_AT_ONCE,)
    max_new_sites = siting.max_new_sites
    if max_new_sites is None and all(phase.budget is None for phase in phases):
        max_new_sites = MAX_NEW_SITES
        assumed.note(f"max_new_sites: {MAX_NEW_SITES}, neither a number nor a budget being given")
    return Wishes(
        phases=phases,
        scenarios=tuple(Scenario(**given(part, "by_segment")) for part in siting.scenarios) or (AS_GIVEN,),
        measure=siting.measure,
        max_new_sites=max_new_sites,
        spacing_m=siting.spacing_m,
        floors=siting.floors,
        floor=siting.floor,
        force=frozenset(siting.force),
        ban=frozenset(siting.ban),
    )


def has_assumed_prices_in_euros(city: SitingCityModel) -> bool:
    """Whether a price that is assumed would be in another currency than the city's."""
    return city.currency != CURRENCY and city.siting.currency_per_euro is None


def _given(part: BaseModel, *but: str) -> dict[str, Any]:
    return part.model_dump(exclude={"id", *but}, exclude_none=True)


def _priced(city: SitingCityModel, preset: Mapping[str, Any]) -> dict[str, Any]:
    """Prices in the city's currency, to three figures."""
    factor = city.siting.currency_per_euro or 1.0
    return {name: float(f"{value * factor:.3g}") if name in PRICES else value for name, value in preset.items()}


def _told(name: str, value: object) -> str:
    if isinstance(value, tuple):
        return "/".join(map(str, value)) or "none"
    if not isinstance(value, (int, float)):
        return str(value)
    return f"{100 * value:,.12g} %" if name in SHARES else f"{value:,.12g}"
