"""`evenfleet benchmark KIND PATH...`: public instances solved, judged, and written one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from optimiser.basics.result import StopReason, relative_gap
from service.cli.terminal import FAILED, data, talk, tell, told_compiling, told_errors

if TYPE_CHECKING:
    from service.benchmarks.run import Results, Task

# What reads instances and solves is imported where it is used: other commands start without it.


class Kind(StrEnum):
    """What is solved."""

    BRP = "brp"
    PMEDIAN = "pmedian"
    PCENTER = "pcenter"
    MCLP = "mclp"
    CAPACITATED = "capacitated"
    FLOW = "flow"
    RELOCATION = "relocation"
    CITY = "city"


def benchmark(
    kind: Annotated[
        Kind,
        typer.Argument(
            help="brp: bike rebalancing; pmedian, pcenter, mclp, capacitated, flow: sites; "
            "relocation: nights of e-cars; city: nights of real cities."
        ),
    ],
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Instance files, folders of them, or a cases.csv with its instances beside it; "
            "for city, bundled names and city folders.",
        ),
    ],
    *,
    seconds: Annotated[float, typer.Option(min=0.1, max=86_400, help="How long to search each instance.")] = 30.0,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Another seed, another search.")] = 1,
    output: Annotated[Path | None, typer.Option(help="Result file; default: plans/benchmark-KIND.json.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result file instead of the table.")] = False,
) -> None:
    """Solve benchmark instances, judge every answer, and write each as soon as it is known."""
    from service.benchmarks.run import run_tasks

    file = output or Path("plans") / f"benchmark-{kind}.json"
    with told_errors():
        with told_compiling():
            tasks, cancelled = _tasks(kind, paths, seconds=seconds, seed=seed)
        results = run_tasks(
            tasks,
            output=file,
            should_stop=cancelled,
            on_start=lambda number, task: tell(f"{number} of {len(tasks)}  {task.name}"),
            on_done=lambda task, entry: tell(f"  {task.name}: {_line(entry, task.best_known)}"),
            on_failure=_tell_failure,
        )
        if as_json:
            typer.echo(results.as_json().decode(), nl=False)
        else:
            data.print(_table(kind, results))
            data.print(Text(f"File: {file}"), soft_wrap=True)
    if results.is_stopped:
        tell(f"Stopped after {len(results.entries)} of {len(tasks)}; these are kept in {file}")
    if results.failed:
        talk.print(Text(f"{results.failed} of {len(tasks)} failed and are not in the file", style="red"))
    if results.failed or results.is_stopped:
        raise typer.Exit(FAILED)


def _tasks(
    kind: Kind, paths: Sequence[str], *, seconds: float, seed: int
) -> tuple[tuple[Task, ...], Callable[[], bool]]:
    """What there is to do, and whether the one just done was cut short."""
    if kind is Kind.BRP:
        from service.benchmarks.routing import routing_tasks

        return routing_tasks(paths, seconds=seconds, seed=seed), lambda: False

    if kind is Kind.RELOCATION:
        from service.benchmarks.relocation import relocation_tasks

        return relocation_tasks(paths, seconds=seconds, seed=seed), lambda: False

    if kind is not Kind.CITY:
        from service.benchmarks import siting

        tasks_of = {
            Kind.PMEDIAN: siting.pmedian_tasks,
            Kind.PCENTER: siting.pcenter_tasks,
            Kind.MCLP: siting.mclp_tasks,
            Kind.CAPACITATED: siting.capacitated_tasks,
            Kind.FLOW: siting.flow_tasks,
        }
        return tasks_of[kind](paths, seconds=seconds, seed=seed), lambda: False

    from optimiser.basics.limits import SolveLimits
    from scenarios.loader import LoadedCity
    from service.benchmarks.cities import city_tasks
    from service.cli.plan import search
    from service.planner import PlannedNight

    latest: list[StopReason] = []

    def plan(loaded: LoadedCity, limits: SolveLimits) -> PlannedNight:
        planned = search(loaded, limits)
        latest.append(planned.night.result.stop_reason)
        return planned

    tasks = city_tasks(paths, seconds=seconds, seed=seed, plan=plan)
    return tasks, lambda: latest[-1:] == [StopReason.CANCELLED]


def _tell_failure(task: Task, sentences: Sequence[str]) -> None:
    talk.print(Text(f"  {task.name}: no answer that may count", style="red"))
    for sentence in sentences:
        talk.print(Text(f"    {sentence}", style="red"), soft_wrap=True)


def _line(entry: dict[str, Any], best_known: float | None) -> str:
    name, value, bound, gap = _outcome(entry)
    told = f"{name} {_figure(value)}, bound {_figure(bound)}, gap {gap:.1%}"
    over = "" if best_known is None else f", {_over(value, best_known)} over the best known"
    return f"{told}{over}, {entry['seconds']:.1f} s"


def _outcome(entry: dict[str, Any]) -> tuple[str, float, float, float]:
    """What was reached, how much of it, its bound and the gap between them."""
    if "covered" in entry:
        covered, bound = entry["covered"], entry["upper_bound"]
        return "covered", covered, bound, relative_gap(bound, covered)
    cost = entry["cost"] if "cost" in entry else entry["objective"]
    bound = entry["lower_bound"] if "lower_bound" in entry else entry["best_bound"]
    return "cost", cost, bound, relative_gap(cost, bound)


def _table(kind: Kind, results: Results) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    rows = list(_city_rows(results) if kind is Kind.CITY else _instance_rows(results))
    for name in rows[0]:
        table.add_column(name, justify="left" if name == rows[0][0] else "right", no_wrap=True)
    for row in rows[1:]:
        table.add_row(*map(Text, row))
    return table


def _instance_rows(results: Results) -> Iterator[tuple[str, ...]]:
    """The header first; what is known of other answers only where something is."""
    known = any(value is not None for value in results.best_known)
    reached = _outcome(results.entries[0])[0] if results.entries else "cost"
    yield ("instance", reached, "bound", "gap", *(("best known", "over it") if known else ()), "seconds")
    for entry, best in zip(results.entries, results.best_known, strict=True):
        _, value, bound, gap = _outcome(entry)
        others = ("–", "–") if best is None else (_figure(best), _over(value, best))
        figures = (entry["instance"], _figure(value), _figure(bound), f"{gap:.1%}")
        yield (*figures, *(others if known else ()), f"{entry['seconds']:.1f}")


def _city_rows(results: Results) -> Iterator[tuple[str, ...]]:
    """The header first; trips lost before the night, and those left after it."""
    yield ("city", "stations", "vans", "cost", "bound", "gap", "lost", "left", "seconds", "MB")
    for entry in results.entries:
        yield (
            entry["city"],
            f"{entry['stations']:,}",
            f"{entry['vans']:,}",
            _figure(entry["objective"]),
            _figure(entry["best_bound"]),
            f"{entry['gap']:.1%}",
            f"{entry['lost_trips_before']:,.1f}",
            f"{entry['lost_trips_after']:,.1f}",
            f"{entry['seconds']:.1f}",
            f"{entry['peak_memory_mb']:,.0f}",
        )


def _figure(value: float) -> str:
    if float(value).is_integer() or abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:,.3f}"


def _over(cost: float, best_known: float) -> str:
    return f"{(cost - best_known) / best_known:+.2%}" if best_known else "–"
