"""`evenfleet site CITY`: where the next charging points go."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from scenarios.schema_errors import findings_of
from scenarios.siting.changes import ChangesModel
from service.cli.commands import share
from service.cli.files import try_folder, write_all
from service.cli.plan import AsJson, CityArgument, Gap, Seed
from service.cli.terminal import (
    MUST_DO_LEFT,
    ProgressView,
    data,
    stop_on_interrupt,
    tell,
    tell_warnings,
    told_compiling,
    told_errors,
)
from service.settings import Settings
from service.siter import SolvedStudy, solve_study
from service.weigher import wrong_nights

if TYPE_CHECKING:
    from scenarios.siting.earlier import EarlierStudy
    from scenarios.siting.loader import LoadedStudy

Sites = Annotated[int | None, typer.Option(min=0, max=100_000, help="New sites at most, over all phases.")]
Budget = Annotated[
    float | None, typer.Option(min=0, max=10**12, help="Money of all phases together, in the city's currency.")
]
Phases = Annotated[int | None, typer.Option(min=1, max=30, help="So many phases, alike, instead of the city's own.")]
Floor = Annotated[
    float | None,
    typer.Option(parser=share, metavar="SHARE", help="Share of every district that is to be served, 0.4 = 40 %."),
]
Force = Annotated[list[str] | None, typer.Option(metavar="ID", help="Build something at this site; may be repeated.")]
Ban = Annotated[list[str] | None, typer.Option(metavar="ID", help="Build nothing at this site; may be repeated.")]
Seconds = Annotated[float, typer.Option(min=0.1, max=86_400, help="How long to search.")]
Front = Annotated[
    bool, typer.Option("--front", help="Plans for several budgets and floors as well: takes as long again.")
]
Sensitivity = Annotated[
    bool,
    typer.Option(
        "--sensitivity", help="How often each site stays when demand, reach or money vary: takes as long again."
    ),
]
WeighNights = Annotated[
    bool,
    typer.Option("--weigh-nights", help="What the study saves the nights of the city's shared bikes and cars."),
]
Compare = Annotated[
    Path | None,
    typer.Option(
        metavar="STUDY", help="Put an earlier study of this city beside this one: its folder, or its study.json."
    ),
]
Told = TypeVar("Told")
STUDIES = Path("studies")
"""Where folders of studies go that nobody says a place for."""
MAPS_OF_SOME = ("districts.geojson", "excluded.geojson", "grid_nodes.geojson")
"""Maps that only studies of cities with such places have."""
Output = Annotated[Path | None, typer.Option(help="Folder for the files; default: studies/CITY.")]


def site(
    city: CityArgument,
    *,
    sites: Sites = None,
    budget: Budget = None,
    phases: Phases = None,
    floor: Floor = None,
    force: Force = None,
    ban: Ban = None,
    seconds: Seconds = 30.0,
    gap: Gap = 0.0,
    seed: Seed = 1,
    front: Front = False,
    sensitivity: Sensitivity = False,
    weigh_nights: WeighNights = False,
    compare: Compare = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """
    Choose where charging points go, of which kind and when, and write the study, maps, tables and a page.

    What is not asked for here is as the city's file has it. Ends with 3 where a wish had to give way; the files
    are written all the same.
    """
    with told_errors(), told_compiling():
        _keep_apart(city, output)
        try_folder(output or STUDIES)
        wishes = {
            "max_new_sites": sites,
            "budget": budget,
            "phases": phases,
            "floor": floor,
            "force": force,
            "ban": ban,
        }
        loaded, earlier = _read(city, wishes, compare, weigh_nights=weigh_nights)
        limits = SolveLimits(seconds=seconds, gap=gap, seed=seed)
        folder = output or STUDIES / loaded.city.model.id
        solved = search(
            loaded,
            limits,
            with_front=front,
            with_sensitivity=sensitivity,
            weigh_nights=weigh_nights,
            earlier=earlier,
            on_solved=partial(_keep, folder),
        )
        files = solved.files()
        paths = _write(files, folder)
        show(solved, json.loads(files["study.json"]), paths, as_json=as_json)
        conflicts = solved.study.result.conflicts
        for conflict in conflicts:
            tell(f"a wish {'cannot be' if conflict.is_impossible else 'was not'} kept: {conflict.text}")
    if conflicts:
        raise typer.Exit(MUST_DO_LEFT)


def _keep_apart(city: str, output: Path | None) -> None:
    """See that the study's maps do not take the place of files of the city that have the same names."""
    if output is not None and Path(city).is_dir() and output.resolve() == Path(city).resolve():
        findings = Findings()
        findings.error(
            "output_is_city",
            "the study's demand.geojson, districts.geojson and excluded.geojson would take the place of the city's",
            source=str(output),
            value=str(output),
            hint="name another folder with --output, such as one inside of it",
        )
        findings.raise_errors("output")


def _keep(folder: Path, solved: SolvedStudy) -> None:
    """Write the study itself, so that whatever ends what is made beside it, this is there."""
    _write(solved.files(), folder)
    tell(f"the study itself is written to {folder}; what was asked for beside it follows")


def _write(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write a study's files in the place of an earlier study's, of which no map stays that this one does not have."""
    if (folder / "study.json").is_file():
        for name in MAPS_OF_SOME:
            if name not in files:
                (folder / name).unlink(missing_ok=True)
    return write_all(files, folder)


def _read(
    city: str, wishes: Mapping[str, Any], compare: Path | None, *, weigh_nights: bool
) -> tuple[LoadedStudy, EarlierStudy | None]:
    """The city with these wishes, and the study to compare with; what is wrong with them is told at once."""
    from scenarios.siting.earlier import check_earlier, read_earlier
    from scenarios.siting.loader import load_study

    findings = Findings()
    changes = _changes(wishes, findings)
    earlier = None if compare is None else read_earlier(compare, findings)
    try:
        loaded = load_study(city, changes, cache_dir=Settings().cache_dir, on_message=tell)
    except InvalidInput as error:
        findings.extend((*error.findings, *error.warnings))
        if weigh_nights:
            findings.extend(item for item in wrong_nights(city) if item not in findings.items)
        raise InvalidInput(error.what, findings=findings.errors, warnings=findings.warnings) from None
    check_earlier(earlier, loaded.inputs, findings)
    if findings.errors:
        findings.extend(loaded.warnings)
    findings.raise_errors(f"siting study of {city}")
    tell_warnings(findings.warnings)
    return loaded, earlier


def _changes(wishes: Mapping[str, Any], findings: Findings) -> ChangesModel:
    """The options, checked as over HTTP; what is wrong is in `findings`, and what is not is looked at further."""
    given = {name: value for name, value in wishes.items() if value is not None}
    try:
        return ChangesModel(**given)
    except ValidationError as error:
        findings.extend(findings_of(error, model=ChangesModel, source="options"))
    sound = _sound(given)
    forced = {id_.strip() for id_ in sound.get("force", ())}
    return ChangesModel(**{**sound, "ban": [id_ for id_ in sound.get("ban", ()) if id_.strip() not in forced]})


def _sound(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those that can be, each id of a list for itself."""
    lists = {name: [id_ for id_ in given.get(name, ()) if _is_sound({name: [id_]})] for name in ("force", "ban")}
    others = {name: value for name, value in given.items() if name not in lists and _is_sound({name: value})}
    return others | {name: ids for name, ids in lists.items() if name in given}


def _is_sound(given: Mapping[str, Any]) -> bool:
    try:
        ChangesModel(**given)
    except ValidationError:
        return False
    return True


def search(
    loaded: LoadedStudy,
    limits: SolveLimits,
    *,
    with_front: bool = False,
    with_sensitivity: bool = False,
    weigh_nights: bool = False,
    earlier: EarlierStudy | None = None,
    on_solved: Callable[[SolvedStudy], None] | None = None,
) -> SolvedStudy:
    """Study with progress on the terminal; Ctrl-C keeps the best plan so far. Options as of `solve_study`."""
    model, inputs = loaded.city.model, loaded.inputs
    tell(f"{model.name}: {len(inputs.demand):,} demand points, {len(inputs.sites):,} sites")
    unit = {"people": "people", "energy": "kWh a year"}[model.siting.measure]
    if len(model.siting.phases) > 1:
        unit += ", over all phases"
    with (
        stop_on_interrupt() as asked,
        ProgressView(what="value", unit=unit, beyond="no plan above", limit_s=limits.seconds) as view,
    ):
        solved = solve_study(
            loaded,
            limits,
            on_progress=view,
            should_stop=asked,
            on_message=tell,
            with_front=with_front,
            with_sensitivity=with_sensitivity,
            weigh_nights=weigh_nights,
            earlier=earlier,
            on_solved=on_solved,
        )
    for sentence in solved.assumed:
        tell(f"assumed: {sentence}")
    tell_warnings(solved.study.warnings)
    return solved


def show(solved: SolvedStudy, document: dict[str, Any], paths: list[Path], *, as_json: bool) -> None:
    """Key figures and paths on stdout: tables for people, one JSON document for machines."""
    from optimiser.reporting.siting_car_night_page import car_night_headline
    from optimiser.reporting.siting_front_page import comparison_headline
    from optimiser.reporting.siting_nights_page import nights_headline
    from optimiser.reporting.siting_stability import stability_headline

    if as_json:
        typer.echo(json.dumps(_summary(solved, document, paths), allow_nan=False, indent=2))
        return
    study, figures = solved.study, document["figures"]
    currency = study.currency
    table = Table(title=Text(study.city), title_justify="left")
    for heading in ("phase", "new plugs", f"cost ({currency})", "people served", "of all"):
        table.add_column(heading, justify="left" if heading == "phase" else "right")
    for phase in document["phases"]:
        table.add_row(
            Text(phase["name"]),
            f"{sum(phase['plugs'].values()):,}",
            f"{phase['cost']['total']:,.0f}",
            f"{phase['served']:,.0f}",
            _share(phase["served"], phase["people"]),
        )
    data.print(table)
    result = study.result
    facts = Table(box=None, show_header=False, pad_edge=False)
    for label, value in (
        (
            "New sites, extended, new plugs",
            f"{figures['new_sites']}, {figures['extended_sites']}, {figures['new_plugs']}",
        ),
        ("Cost", f"{figures['total_cost']:,.0f} {currency}"),
        ("People served", f"{figures['people_served']:,.0f}, {figures['people_served_before']:,.0f} without the plan"),
        ("Charged in a year", f"{figures['kwh_a_year']:,.0f} kWh"),
        (
            "Value, and no plan can bring more than",
            f"{result.value:,.0f}, {result.upper_bound:,.0f}, gap {result.gap:.1%}",
        ),
        (
            "Search",
            f"{result.elapsed_s:.1f} s, {result.status}, {result.stop_reason}, {result.engine}, seed {result.seed}",
        ),
        *(("When assumptions change", stability_headline(study, told)) for told in _given(study.sensitivity)),
        *(("Beside the earlier study", comparison_headline(study, told)) for told in _given(study.comparison)),
        *(("Nights of the bikes", nights_headline(study, told)) for told in _given(study.bike_nights)),
        *(("Night of the cars", car_night_headline(study, told)) for told in _given(study.car_night)),
        ("Travel times", study.travel),
        *(("Made up, not measured", sentence) for sentence in study.synthetic),
        *(("Data", name) for name in study.attribution),
    ):
        facts.add_row(f"{label}  ", Text(value))
    data.print(facts)
    data.print("Files:")
    for path in paths:
        data.print(Text(f"  {path}"), soft_wrap=True)


def _given(told: Told | None) -> tuple[Told, ...]:
    return () if told is None else (told,)


def _share(part: float, of: float) -> str:
    return f"{part / of:.1%}" if of > 0 else "–"


def _summary(solved: SolvedStudy, document: dict[str, Any], paths: list[Path]) -> dict[str, Any]:
    """The study without its long lists; what was not asked for beside it is null."""
    names = ("measure", "value", "upper_bound", "gap", "status", "stop_reason", "seed", "engine", "input_hash")
    return {
        "city": document["city"],
        **{name: document[name] for name in names},
        "total_cost": document["total_cost"],
        "figures": document["figures"],
        "conflicts": document["conflicts"],
        "front": _front_in_short(document["front"]),
        **{name: document[name] for name in ("sensitivity", "comparison", "bike_nights", "car_night")},
        "assumed": list(solved.assumed),
        "warnings": document["warnings"],
        "files": [str(path) for path in paths],
    }


def _front_in_short(front: dict[str, Any] | None) -> dict[str, Any] | None:
    """Its plans without what each builds where."""
    if front is None:
        return None
    points = [{name: value for name, value in point.items() if name != "installations"} for point in front["points"]]
    return {**front, "points": points}
