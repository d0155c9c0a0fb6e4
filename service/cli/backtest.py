"""`evenfleet backtest CITY`: what our targets would have been worth on nights they had not seen."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from optimiser.basics.errors import InvalidInput
from optimiser.basics.limits import SolveLimits
from scenarios.loader import load_city
from service.cli.files import PLANS, try_folder, write_all
from service.cli.terminal import data, talk, tell, tell_warnings, told_errors
from service.settings import Settings

if TYPE_CHECKING:
    from optimiser.simulation.held_out import NightOutcome
    from service.backtester import JudgedCity

# What fits and solves is imported where it is used: other commands start without it.

CityArgument = Annotated[str, typer.Argument(help="A city folder with a history, or a bundled city that has one.")]
Day = Annotated[str, typer.Option(metavar="DATE", help="Night that begins on this date.")]


def backtest(
    city: CityArgument,
    *,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First night, by the date it begins on.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last night, included.")],
    vans: Annotated[bool, typer.Option(help="Also plan each night with the real vans.")] = True,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long to search each night.")] = 5.0,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="Search exactly so many steps instead: repeatable on any machine.")
    ] = None,
    draws: Annotated[int, typer.Option(min=1, max=100, help="Draws of what nobody saw.")] = 5,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Another seed, other draws and searches.")] = 1,
    output: Annotated[Path | None, typer.Option(help="Folder for the files; default: plans/CITY-backtest.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print backtest.json instead of the table.")] = False,
) -> None:
    """For each night fit on the days before it only, plan, replay the day that followed, and compare policies."""
    from service.backtester import judge_city

    with told_errors():
        try_folder(output or PLANS)
        loaded = load_city(city)
        limits = SolveLimits(seconds=None if rounds else seconds, rounds=rounds, seed=seed) if vans else None
        judged = judge_city(
            loaded,
            first=day(first, "--from"),
            last=day(last, "--to"),
            limits=limits,
            draws=draws,
            seed=seed,
            cache_dir=Settings().cache_dir,
            on_night=_tell_night,
            on_message=tell,
        )
        tell_warnings(judged.warnings)
        files = judged.files()
        paths = write_all(files, output or PLANS / f"{loaded.city.id}-backtest")
        if as_json:
            typer.echo(files["backtest.json"].decode())
        else:
            _show(judged, paths)


def day(text: str, option: str) -> date:
    """A date as ISO 8601 writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{option}: {text!r} is not a date; write it like 2026-11-22") from None


def _tell_night(outcome: NightOutcome | None, night: datetime, reason: str) -> None:
    from optimiser.simulation.policies import Policy

    if outcome is None:
        tell(f"{night:%Y-%m-%d}  not judged: {reason}")
        return
    figures = [
        f"{name} {outcome.lost(policy):,.0f}"
        for name, policy in (("doing nothing", Policy.NOTHING), ("unlimited", Policy.UNLIMITED), ("vans", Policy.VANS))
        if policy in outcome.outcomes
    ]
    tell(f"{night:%Y-%m-%d}  trips lost: {', '.join(figures)}")


def _show(judged: JudgedCity, paths: list[Path]) -> None:
    from optimiser.simulation.policies import Policy

    labels = {
        Policy.NOTHING: "doing nothing",
        Policy.OPERATOR: "the operator",
        Policy.HALF_FULL: "half full",
        Policy.PROPORTIONAL: "proportional",
        Policy.UNLIMITED: "ours, any vans",
        Policy.UNLIMITED_BIKES: "ours, any bikes",
        Policy.VANS: "ours, real vans",
        Policy.HELD_OUT_RATES: "held-out rates",
        Policy.PERFECT: "perfect foresight",
    }

    result = judged.result
    heading = f"{judged.city.name}, {len(result.nights)} nights from {judged.first:%d %B %Y} to {judged.last:%d %B %Y}"
    table = Table(title=Text(heading), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "lost", "avoided", "predicted", "held-out", "perfect"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    for policy in result.policies:
        avoided = result.avoided(policy)
        share = result.share_of(policy, Policy.HELD_OUT_RATES, "under_held_out")
        table.add_row(
            labels[policy],
            _trips(result.lost(policy).mean),
            f"{_trips(avoided.mean)} ({_trips(avoided.low)}–{_trips(avoided.high)})",
            _trips(float(result.per_night(policy, "predicted").mean())),
            "" if policy is Policy.PERFECT else _percent(share),
            _percent(result.share_of(policy, Policy.PERFECT)),
        )
    data.print(table)
    data.print(
        Text(
            f"Predicted over lost: {_percent(result.calibration(Policy.NOTHING))} doing nothing, "
            f"{_percent(result.calibration(Policy.UNLIMITED))} with unlimited vans. Predicted over what held-out rates "
            f"expect: {_percent(result.calibration(Policy.NOTHING, 'under_held_out'))}, "
            f"{_percent(result.calibration(Policy.UNLIMITED, 'under_held_out'))}."
        ),
        soft_wrap=True,
    )
    told = "Trips per night, intervals of 95 %. held-out, perfect: share of the gain that rates of the held-out days "
    talk.print(Text(f"{told}themselves, and perfect foresight, would bring."), soft_wrap=True)
    data.print("Files:")
    for path in paths:
        data.print(Text(f"  {path}"), soft_wrap=True)


def _trips(value: float) -> str:
    return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
