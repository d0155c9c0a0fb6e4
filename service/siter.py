"""The recipe of a siting study that the command line and the solver child both follow: a city in, its files out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, Progress, ShouldStop, tell_refused
from optimiser.network.travel import Place
from scenarios.schema_fields import Flag, Name
from scenarios.siting.changes import ChangesModel
from scenarios.siting.earlier import EarlierStudy, check_earlier, earlier_plan
from scenarios.siting.inline import InlineStudyModel, pointed
from service.planner import BundledName, LimitsModel, form_of_city
from service.weigher import Systems, night_systems, weigh

if TYPE_CHECKING:
    from optimiser.network.travel import TravelSource
    from optimiser.reporting.siting_study import Area, Study
    from optimiser.siting.comparison import Comparison
    from optimiser.siting.front_points import FrontPoint
    from optimiser.siting.plan import SitingPlan
    from optimiser.siting.problem import Segment, SitingProblem
    from optimiser.siting.sensitivity import Elsewhere, Part, Run
    from scenarios.siting.loader import LoadedStudy
    from scenarios.siting.study import StatedStudy

Told = TypeVar("Told")

MOST_DRAWN = 200
"""Sites with the area from which they are reached on the map."""

# What solves is imported where it is used: the API reads requests but never loads a solver.


class StudyRequest(BaseModel):
    """What to study: a bundled city by name or one given in full, wishes instead of its own, and how long to search."""

    model_config = ConfigDict(extra="forbid")

    city: Annotated[
        Annotated[BundledName, Tag("name")] | Annotated[InlineStudyModel, Tag("inline")],
        Discriminator(form_of_city),
        Field(description="The name of a bundled city or of one of your own, or a city in full."),
    ]
    wishes: ChangesModel = ChangesModel()
    limits: LimitsModel = LimitsModel()
    front: Flag = False
    """Whether to make plans for several budgets and floors as well, which takes as long again."""
    weigh_nights: Flag = False
    """Whether to plan nights of the city's bikes and cars without what the study builds and with it."""
    sensitivity: Flag = False
    """Whether to solve studies with demand, reach, money and seed varied as well, which takes as long again."""
    compare_with: str | None = Field(None, description="Id of an earlier study of the same city: put beside this one.")
    name: Name | None = None


class StudyTask(StudyRequest):
    """A request as it is kept for who carries it out, whole: an earlier study that it names may be gone by then."""

    earlier: EarlierStudy | None = None


class Beside(BaseModel):
    """How far that has come which is made beside a study once it is solved."""

    what: Literal["front", "sensitivity", "nights"]
    made: int = Field(description="Plans of the front, or runs of the sensitivity, that are made.")
    of: int | None = Field(None, description="How many there will be, at most; null for nights.")


@dataclass(frozen=True, kw_only=True)
class SolvedStudy:
    """A study with what was assumed for it."""

    study: Study
    assumed: tuple[str, ...]

    def files(self) -> dict[str, bytes]:
        """study.json first; then maps, tables and a page."""
        from optimiser.reporting.siting_files import study_files

        return study_files(self.study)


def solve_study(
    loaded: LoadedStudy,
    limits: SolveLimits,
    *,
    with_front: bool = False,
    weigh_nights: bool = False,
    with_sensitivity: bool = False,
    earlier: EarlierStudy | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    on_message: Callable[[str], None] | None = None,
    on_solved: Callable[[SolvedStudy], None] | None = None,
    on_beside: Callable[[Beside], None] = lambda _: None,
    elsewhere: Callable[[Sequence[Part]], Elsewhere] | None = None,
) -> SolvedStudy:
    """
    Look along the streets, choose sites, and keep what every report needs.

    `with_front` makes plans for several budgets and floors as well, which takes as long again; `on_message` is told of
    each plan and run. `weigh_nights` plans nights of the city's bikes and cars, also where only the city asks for it;
    `with_sensitivity` solves the study anew with demand, reach, money and seed varied, as long again; `elsewhere` is
    told which runs that will be as soon as the study is stated, and may have them made meanwhile. The plan of an
    `earlier` study is put beside this one. `on_solved` gets the study before any of what is made beside it begins, and
    `on_beside` how far that is.

    Raises
    ------
    InvalidInput
        Wishes about sites and districts that are not there; places off the streets where the city rejects them; an
        earlier study of another city, or of sites that are not there.
    """
    from optimiser.network.streets import Streets
    from optimiser.reporting.siting_study import EmissionFactors, Study
    from optimiser.siting.front import front, plans_at_most
    from optimiser.siting.sensitivity import SPREAD, parts_of, sensitivity
    from optimiser.siting.solve import solve
    from optimiser.siting.warm_up_study import warm_up_study

    siting, findings = loaded.city.model.siting, Findings()
    is_weighed = weigh_nights or siting.weigh_nights
    with findings.noting():
        cache_dir, kinds = loaded.travel_of.cache_dir, loaded.inputs.kinds
        systems = (
            night_systems(loaded.city, kinds, findings, cache_dir=cache_dir, on_message=on_message)
            if is_weighed
            else Systems()
        )
    with findings.noting():
        _refuse_unfit(earlier, loaded)
        stated = _state(loaded, with_sensitivity=with_sensitivity)
    if findings.errors:
        findings.extend(loaded.warnings)
    findings.raise_errors(f"siting study of {loaded.city.model.id}")
    made = None if elsewhere is None or not with_sensitivity else elsewhere(parts_of())
    warm_up_study()  # Or the clock would run while loops are compiled.
    result = solve(stated.problem, limits, on_progress=on_progress, should_stop=should_stop)
    model, assumed = loaded.city.model, tuple(loaded.city.assumed.sentences)
    shown = loaded.travel_of(_largest(stated.problem).profile)
    tell_refused(result.refused, engine=result.engine, findings=findings)
    study = Study(
        city_id=model.id,
        city=model.name,
        currency=model.currency,
        time_zone=model.time_zone or "",
        problem=stated.problem,
        result=replace(result, conflicts=(*stated.conflicts, *result.conflicts)),
        limits=limits,
        attribution=loaded.attribution,
        synthetic=model.siting.synthetic or model.synthetic,
        assumed=tuple(f"Assumed: {sentence}." for sentence in assumed),
        travel=stated.travel,
        warnings=(*loaded.warnings, *stated.warnings, *findings.warnings),
        off_streets=stated.off_streets,
        street_lines=shown.lines() if isinstance(shown, Streets) else (),
        outlines=loaded.inputs.outlines,
        isochrones=_isochrones(stated.problem, result.plan, shown),
        comparison=None if earlier is None else _compared(stated.problem, earlier, result.plan),
        factors=EmissionFactors(**model.siting.emissions.model_dump(exclude_none=True)),
    )
    solved = SolvedStudy(study=study, assumed=assumed)
    if on_solved is not None and (with_front or with_sensitivity or systems):
        on_solved(solved)
    if with_front:
        told = _tells("front", plans_at_most(stated.problem), _point_in_words, on_message, on_beside)
        study = replace(
            study, front=front(stated.problem, limits, study=result, on_point=told, should_stop=should_stop)
        )
    if with_sensitivity:
        varied = sensitivity(
            stated.problem,
            limits,
            spread=SPREAD,
            wide=stated.wide,
            base=result,
            on_run=_tells("sensitivity", len(parts_of()), _run_in_words, on_message, on_beside),
            should_stop=should_stop,
            elsewhere=made,
        )
        study = replace(study, sensitivity=varied)
    if systems:
        on_beside(Beside(what="nights", made=0))
        weighed = weigh(
            systems,
            stated.problem,
            result.plan,
            siting.nights,
            limits,
            on_message=on_message,
            should_stop=should_stop,
        )
        study = replace(study, **weighed, warnings=(*study.warnings, *_without_nights(systems, weighed)))
    return replace(solved, study=study)


def _without_nights(systems: Systems, weighed: Mapping[str, object]) -> tuple[Finding, ...]:
    """What is told where the study was stopped before all nights were weighed."""
    findings = Findings()
    if not systems.are_told(weighed):
        text, hint = "a night is not weighed: the study was stopped before", "let it run to its end"
        findings.warning("nights_stopped", text, source="city.toml", where="siting.weigh_nights", hint=hint)
    return findings.warnings


def _state(loaded: LoadedStudy, *, with_sensitivity: bool) -> StatedStudy:
    from optimiser.siting.sensitivity import SPREAD
    from scenarios.siting.study import state_study

    widen = 1 + SPREAD if with_sensitivity else 1.0
    return state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed, widen=widen)


def _refuse_unfit(earlier: EarlierStudy | None, loaded: LoadedStudy) -> None:
    """Raise InvalidInput where the earlier study does not fit, before any street is looked along."""
    findings = Findings()
    check_earlier(earlier, loaded.inputs, findings)
    findings.raise_errors("the earlier study")


def _compared(problem: SitingProblem, earlier: EarlierStudy, plan: SitingPlan) -> Comparison:
    """The earlier plan beside this one, both in this study's problem."""
    from optimiser.siting.comparison import compare
    from optimiser.siting.groups import groups_of
    from optimiser.siting.served_plan import fairly_served, plan_of

    groups = groups_of(problem)
    before = plan_of(problem, groups, earlier_plan(earlier, problem), may_miss_floors=True)
    assert before is not None, "floors may be missed"
    return compare((problem, fairly_served(problem, groups, before)), (problem, plan))


def _tells(
    what: Literal["front", "sensitivity"],
    of: int,
    in_words: Callable[[Told], str],
    on_message: Callable[[str], None] | None,
    on_beside: Callable[[Beside], None],
) -> Callable[[Told], None]:
    """Tells that none is made yet, and then of each that is."""
    made = count(1)

    def tell(told: Told) -> None:
        on_beside(Beside(what=what, made=next(made), of=of))
        if on_message is not None:
            on_message(in_words(told))

    on_beside(Beside(what=what, made=0, of=of))
    return tell


def _run_in_words(run: Run) -> str:
    return f"tried for the sensitivity: {run.factors}: value {run.value:,.0f}, {_gap_in_words(run.gap)}"


def _point_in_words(point: FrontPoint) -> str:
    from optimiser.reporting.siting_words import gave_way

    least, most = point.floor, point.highest_floor
    asked = "" if least is None else f", floor {least:.0%}" if least == most else f", floors {least:.0%} to {most:.0%}"
    given_up = f", {gave_way({}, point.left_out)}" if point.left_out else ""
    return (
        f"tried for the front: {point.fraction:.0%} of the budget{asked}: cost {point.cost:,.0f}, "
        f"value {point.value:,.0f}, {_gap_in_words(point.gap)}{given_up}"
    )


def _gap_in_words(gap: float) -> str:
    from optimiser.reporting.siting_words import ROUGH

    return f"gap {gap:.1%}" if gap < ROUGH else "no useful bound found in so short a search"


def _largest(problem: SitingProblem) -> Segment:
    """The segment of most people; what is drawn is drawn for them."""
    people = Counter[str]()
    for point in problem.demand:
        people[point.segment] += point.weight  # type: ignore[assignment]
    return max(problem.segments, key=lambda segment: (people[segment.id], segment.id))


def _isochrones(problem: SitingProblem, plan: SitingPlan, travel: TravelSource) -> Mapping[str, Area]:
    """From where the largest segment reaches each site at which something is built, those of most plugs first."""
    from scenarios.siting.reach import ON_FOOT
    from scenarios.siting.walking import walk_s

    plugs = Counter[str]()
    for item in plan.installations:
        plugs[item.site_id] += item.plugs
    segment = _largest(problem)
    drawn = [problem.sites[problem.site_index[id_]] for id_, _ in plugs.most_common(MOST_DRAWN)]
    places = [Place(id=site.id, lon=site.lon, lat=site.lat) for site in drawn]
    beside_s = walk_s(travel.off_street_m(places)).tolist() if segment.profile == ON_FOOT else [0] * len(places)
    return {
        place.id: travel.isochrone(place, cutoff_s=max(0, segment.reach_s - walked_s), cutoff_m=None).area
        for place, walked_s in zip(places, beside_s, strict=True)
    }


def study_files(
    request: StudyTask,
    *,
    cache_dir: Path | None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    on_beside: Callable[[Beside], None] = lambda _: None,
    elsewhere: Callable[[Sequence[Part]], Elsewhere] | None = None,
) -> dict[str, bytes]:
    """Study what a request asks for; names of files to their content."""

    def tell_solved(solved: SolvedStudy) -> None:
        if on_progress is not None:
            found = solved.study.result
            on_progress(
                Progress(elapsed_s=found.elapsed_s, objective=found.value, best_bound=found.upper_bound, gap=found.gap)
            )

    with _loaded(request, cache_dir) as loaded:
        solved = solve_study(
            loaded,
            request.limits.to_limits(),
            with_front=request.front,
            weigh_nights=request.weigh_nights,
            with_sensitivity=request.sensitivity,
            earlier=request.earlier,
            on_progress=on_progress,
            should_stop=should_stop,
            on_solved=tell_solved,
            on_beside=on_beside,
            elsewhere=elsewhere,
        )
    return _told_of(request, solved).files()


def _told_of(request: StudyRequest, solved: SolvedStudy) -> SolvedStudy:
    """The study with its warnings told of the request, where that gives the city in full."""
    if not isinstance(request.city, InlineStudyModel):
        return solved
    engine, study = solved.study.result.engine, solved.study
    of_engine = [item for item in study.warnings if item.source == engine]
    of_city = pointed(item for item in study.warnings if item.source != engine)
    return replace(solved, study=replace(study, warnings=(*of_city, *of_engine)))


def study_run(request: StudyRequest, part: Part, *, cache_dir: Path | None, should_stop: ShouldStop | None) -> Run:
    """One run of the sensitivity that a request asks for, as it would be made among all others."""
    from optimiser.siting.sensitivity import SPREAD, parts_of, run_part
    from optimiser.siting.shares import even_share
    from optimiser.siting.warm_up_study import warm_up_study

    limits = even_share(request.limits.to_limits(), len(parts_of()))
    with _loaded(request, cache_dir) as loaded:
        stated = _state(loaded, with_sensitivity=True)
        warm_up_study()
        return run_part(stated.problem, part, limits, spread=SPREAD, wide=stated.wide, should_stop=should_stop)


@contextmanager
def _loaded(request: StudyRequest, cache_dir: Path | None) -> Iterator[LoadedStudy]:
    """What a request is about, with errors told of the request."""
    from scenarios.siting.inline_loader import load_inline_study
    from scenarios.siting.loader import load_study

    try:
        if not isinstance(request.city, InlineStudyModel):
            yield load_study(request.city, request.wishes, cache_dir=cache_dir)
            return
        with TemporaryDirectory() as folder:
            yield load_inline_study(request.city, request.wishes, Path(folder), cache_dir=cache_dir)
    except InvalidInput as error:
        raise InvalidInput(error.what, findings=pointed(error.findings), warnings=pointed(error.warnings)) from None
