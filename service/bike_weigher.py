"""Weighs a study by the nights of its city's bikes: which nights, which bikes are low on charge, what is assumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from optimiser.basics.city import Snapshot
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import ShouldStop
from scenarios.loader import LoadedCity, load_city, open_travel
from scenarios.siting.city import SitingCity
from scenarios.siting.inspection import is_for_bikes
from scenarios.siting.schema import NightsModel

if TYPE_CHECKING:
    from pathlib import Path

    from optimiser.demand.history import History
    from optimiser.network.travel import TravelSource
    from optimiser.reporting.night import Night
    from optimiser.reporting.siting_nights import BikeNights, WeighedNight
    from optimiser.siting.plan import SitingPlan
    from optimiser.siting.problem import ChargerKind, SitingProblem
    from optimiser.weighing import Evening
    from scenarios.past import Past

VAN_G_PER_KM = 200.0
"""CO2 of a delivery van on diesel, from the tank to the wheel: an order of magnitude."""
BY_INTERVAL = (
    "Without a history lost trips count ready bikes outside a target interval: a bike that a dock makes ready where "
    "there are too many already counts against it, though it filled a dock before as well."
)

OnMessage = Callable[[str], None]
Nothing = Callable[[str, str, str], None]
"""Told, with code, words and hint, why nothing is weighed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BikeSystem:
    """A city's bikes, the streets of its vans, and what is known of its past."""

    loaded: LoadedCity
    travel: TravelSource
    past: Past | None


def bike_system(
    city: SitingCity,
    kinds: tuple[ChargerKind, ...],
    nothing: Nothing,
    *,
    cache_dir: Path | None,
    on_message: OnMessage | None,
) -> BikeSystem | None:
    """
    The bikes of the city's folder; None where it has none, and where there is nothing to weigh by, which is told.

    Raises
    ------
    InvalidInput
        Everything that is wrong with what the folder says of bikes; streets and a history that cannot be read; a
        depot off the streets.
    """
    from optimiser.nightly import reachable
    from scenarios.past import read_past

    if not is_for_bikes(city.folder):
        return None
    loaded = load_city(city.folder)
    if not any(kind.is_for_bikes for kind in kinds):
        nothing("no_bike_dock", "no kind of the study charges bikes", 'add [[siting.kinds]] with id = "ebike"')
    elif not _low_share(loaded.snapshot, city.model.siting.nights):
        hint = "low_charge in station_status, vehicle_status.json with charges, or siting.nights.low_share"
        nothing("no_low_charge", "nobody says which bikes are low on charge", hint)
    else:
        travel = open_travel(loaded, cache_dir=cache_dir, on_message=on_message)
        wrong = Findings()
        with wrong.noting():
            reachable(
                loaded.city, loaded.snapshot, travel, max_snap_m=loaded.max_snap_m, on_far="drop", findings=Findings()
            )
        with wrong.noting():
            past = read_past(loaded, cache_dir=cache_dir, on_message=on_message)
        wrong.raise_errors(f"bikes of {loaded.city.id}")
        return BikeSystem(loaded=loaded, travel=travel, past=past)
    return None


def weigh_bikes(
    system: BikeSystem,
    problem: SitingProblem,
    plan: SitingPlan,
    settings: NightsModel,
    limits: SolveLimits,
    *,
    on_message: OnMessage | None = None,
    should_stop: ShouldStop | None = None,
) -> BikeNights | None:
    """Plan each night without the docks that the plan puts up, and with them; None where stopped before the first."""
    from optimiser.nightly import plan_night
    from optimiser.reporting.siting_nights import BikeNights
    from optimiser.weighing import docks_at_stations, weigh_night

    loaded = system.loaded
    city = loaded.city
    docks = docks_at_stations(problem, plan, city.stations, within_m=settings.station_m)
    evenings, where_from = _evenings(loaded, system.past, settings, limits.seed)

    def planned(evening: Evening) -> Night:
        return plan_night(
            city,
            evening.snapshot,
            system.travel,
            limits=limits,
            targets=loaded.targets,
            musts=loaded.musts if evening.snapshot.as_of == loaded.snapshot.as_of else (),
            demand=evening.demand,
            max_snap_m=loaded.max_snap_m,
            on_far="drop",
        )

    nights = []
    for evening in evenings:
        if should_stop is not None and should_stop():
            break
        nights.append(weigh_night(evening, docks, planned))
        if on_message is not None:
            on_message(_in_words(nights[-1], city.currency))
    if not nights:
        return None
    return BikeNights(
        nights=tuple(nights),
        docks=docks.new,
        docks_elsewhere=docks.elsewhere,
        docks_cost=docks.cost,
        nights_a_year=settings.nights_a_year,
        van_g_per_km=VAN_G_PER_KM if settings.van_g_per_km is None else settings.van_g_per_km,
        assumptions=(where_from, *_assumptions(settings, has_demand=all(evening.demand for evening in evenings))),
    )


def _evenings(loaded: LoadedCity, past: Past | None, settings: NightsModel, seed: int) -> tuple[list[Evening], str]:
    """The last nights of the city's history, else the night of its snapshot; and in words which these are."""
    from optimiser.demand.snapshots import snapshot_at
    from optimiser.weighing import Evening, low_charge, with_low_charge
    from scenarios.past import demand_at

    told, share, ebike_share = Findings(), _low_share(loaded.snapshot, settings), _ebike_share(loaded.snapshot)

    def drawn(seen: Snapshot) -> Snapshot:
        return with_low_charge(seen, share, seed=seed, ebike_share=1.0 if ebike_share is None else ebike_share)

    evenings = []
    if past is not None:
        for as_of in _last_nights(past.history, loaded, settings.nights):
            if (seen := snapshot_at(past.history, as_of)) is not None:
                demand = demand_at(past, as_of, told)
                evenings.append((seen, Evening(snapshot=drawn(seen), demand=demand)))
    if evenings:
        return [evening for _, evening in evenings], (
            f"The nights are the last {len(evenings)} of the city's history; it does not say which bikes are low on "
            f"charge, so {share:.0%} of the e-bikes are, drawn by chance, the same in both plans of a night."
            f"{_ebikes_in_words([seen for seen, _ in evenings], ebike_share)}"
        )
    snapshot = loaded.snapshot
    demand = None if past is None else demand_at(past, snapshot.as_of, told)
    if low_charge(snapshot) and settings.low_share is None:
        return [Evening(snapshot=snapshot, demand=demand)], "The night is that of the city's snapshot."
    return [Evening(snapshot=drawn(snapshot), demand=demand)], (
        f"The night is that of the city's snapshot, with {share:.0%} of the e-bikes low on charge by chance."
        f"{_ebikes_in_words([snapshot], ebike_share)}"
    )


def _last_nights(history: History, loaded: LoadedCity, most: int) -> list[datetime]:
    """When the work of each of the last nights begins that the history saw the evening of."""
    from optimiser.nightly import night_start

    span = history.span()
    if span is None:
        return []
    zone = ZoneInfo(loaded.city.time_zone)
    last = datetime.fromtimestamp(span[1], UTC).astimezone(zone).replace(hour=12, minute=0, second=0, microsecond=0)
    starts = (night_start(loaded.city, last - timedelta(days=days)).astimezone(zone) for days in range(most + 2))
    return sorted(sorted(start for start in starts if span[0] < start.timestamp() <= span[1])[-most:])


def _low_share(snapshot: Snapshot, settings: NightsModel) -> float:
    """Of the e-bikes, how many are low on charge: as the city says, or as its snapshot has it."""
    if settings.low_share is not None:
        return settings.low_share
    bikes = sum(status.bikes if status.ebikes is None else status.ebikes for status in snapshot.stations)
    return min(1.0, sum(status.low_charge for status in snapshot.stations) / bikes) if bikes else 0.0


def _ebike_share(snapshot: Snapshot) -> float | None:
    """Of the bikes at stations that say how many of them are e-bikes, those that are; None where no station does."""
    known = [status for status in snapshot.stations if status.ebikes is not None]
    bikes = sum(status.bikes for status in known)
    return min(1.0, sum(status.ebikes or 0 for status in known) / bikes) if bikes else None


def _ebikes_in_words(evenings: Sequence[Snapshot], ebike_share: float | None) -> str:
    """Which bikes are taken for e-bikes where that is not said, as a sentence to add; nothing where all is said."""
    if all(status.ebikes is not None for evening in evenings for status in evening.stations):
        return ""
    if ebike_share is None:
        return " Nobody says which bikes are e-bikes, so all of them are (assumed)."
    return f" Where it is not said which bikes are e-bikes, {ebike_share:.0%} are, as in the snapshot (assumed)."


def _assumptions(settings: NightsModel, *, has_demand: bool) -> tuple[str, ...]:
    is_assumed = settings.van_g_per_km is None
    van_g = VAN_G_PER_KM if settings.van_g_per_km is None else settings.van_g_per_km
    return (
        f"A dock for bikes belongs to the nearest station within {settings.station_m:g} m.",
        "Bikes low on charge stand at charging docks first, as the app can ask riders to: docks save so much at most.",
        "A bike at a charging dock counts as ready from the start of the night on.",
        "As many bikes are low on charge in the evening as without docks, though docks charge by day as well.",
        "Batteries are charged in the depot or at docks with the same electricity; the study tells what docks cost.",
        *([] if has_demand else [BY_INTERVAL]),
        f"A van emits {van_g:g} g of CO₂ per km{' (assumed)' * is_assumed}.",
        f"A year has {settings.nights_a_year:g} such nights.",
    )


def _in_words(night: WeighedNight, currency: str) -> str:
    from optimiser.reporting.words import number

    without, with_docks = night.without, night.with_docks
    return (
        f"night of {night.as_of:%Y-%m-%d}: {night.low_charge} bikes low on charge, {night.charged} at docks; saves "
        f"{number(without.van_km - with_docks.van_km, 1)} km, {number(without.swaps - with_docks.swaps)} swaps, "
        f"{number(without.cost - with_docks.cost, 2)} {currency} (proven: {number(night.least_saved, 2)} to "
        f"{number(night.most_saved, 2)} {currency})"
    )
