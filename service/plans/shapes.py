"""Routes and moments of a night as requests tell them, in the words of `plan.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scenarios.schema_fields import Bikes, Moment, Name, Part
from scenarios.schema_fields import Id as KnownId
from service.planner import LimitsModel

Count = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Index = Annotated[int, Field(ge=0, le=10_000)]
Seconds = Annotated[int, Field(ge=0, le=172_800)]


class EditedStop(BaseModel):
    """A stop as `plan.json` has it; its times and loads need not be told, since they are worked out."""

    station_id: Id
    pickup: Count = 0
    dropoff: Count = 0
    swaps: Count = 0
    low_charge_pickup: Count = 0
    broken_pickup: Count = 0


class EditedBreak(BaseModel):
    """Where the break is."""

    before_stop: int | None = Field(None, ge=0, le=10_000)


class EditedRoute(BaseModel):
    """A route as `plan.json` has it, changed in whatever way."""

    van_id: Id
    stops: list[EditedStop] = Field(max_length=1_000)
    start_load: Count | None = None
    break_: EditedBreak | None = Field(None, alias="break")


class StopMade(Part):
    """What was really done at a stop that is behind its van."""

    stop: Index = Field(description="Position in `stops` of the van's route, from 0.")
    pickup: Bikes = 0
    dropoff: Bikes = 0
    swaps: Bikes = 0
    low_charge_pickup: Bikes = 0
    broken_pickup: Bikes = 0


class VanPosition(Part):
    """Where a van really is, free to go on, and what it has on board."""

    place_id: KnownId = Field(description="A station or depot; of a van between two, the nearest.")
    load: Bikes = Field(description="Ready bikes.")
    low_charge_load: Bikes = 0
    broken_load: Bikes = 0
    batteries: Bikes | None = Field(None, description="Charged ones; null = as the plan has it.")


class VanTold(Part):
    """What is known of a van beyond the plan; what is not told went as planned."""

    van_id: KnownId
    done: Index | None = Field(
        None, description="Stops that are behind it, skipped ones included; null = as many as the clock says."
    )
    skipped: tuple[Index, ...] = Field((), max_length=1_000, description="Stops not made; their work is open again.")
    outcomes: tuple[StopMade, ...] = Field((), max_length=1_000, description="Stops made otherwise than planned.")
    behind_s: Seconds = Field(0, description="How far it is behind the plan already.")
    position: VanPosition | None = Field(None, description="null = where the plan has it.")


class FrozenStop(Part):
    """A stop that stays, with all before it."""

    van_id: KnownId
    stop: Index


class FrozenPart(Part):
    """What stays as it is; stops on which vans work, or to which they drive, do so anyway."""

    until: Moment | None = Field(None, description="Stops that are reached before this moment.")
    stops_per_van: Index = Field(0, description="The next stops of every van.")
    stops: tuple[FrozenStop, ...] = Field((), max_length=10_000)


class LostVan(Part):
    """A van drives no further tonight; what it has on board is out of reach."""

    type: Literal["van_lost"]
    van_id: KnownId


class LateVan(Part):
    """A van stands still for so long before it goes on."""

    type: Literal["van_late"]
    van_id: KnownId
    late_s: Seconds


class AddedTask(Part):
    """More must-do work at a station, on top of what is asked for already."""

    type: Literal["task_added"]
    station_id: KnownId
    visit: bool = False
    low: Bikes | None = Field(None, description="Ready bikes at opening, at least.")
    high: Bikes | None = Field(None, description="Ready bikes at opening, at most.")
    swaps: Bikes = 0
    broken: Bikes = 0


class SeenStation(Part):
    """What a station holds now; what is null is as the plan has it."""

    type: Literal["station_seen"]
    station_id: KnownId
    bikes: Bikes | None = Field(None, description="Ready ones.")
    low_charge: Bikes | None = None
    broken: Bikes | None = None
    is_closed: bool = Field(False, description="Nobody stops there any more tonight.")


Happening = Annotated[LostVan | LateVan | AddedTask | SeenStation, Field(discriminator="type")]


class ChangePrices(Part):
    """What it costs to tell drivers something new, beside the plan's own cost; counted from simply going on."""

    per_stop: float = Field(0.0, ge=0, le=1_000_000, description="A stop that another van makes, new or dropped.")
    per_detail: float = Field(0.0, ge=0, le=1_000_000, description="A stop with other quantities or in another order.")
    max_changed: Index | None = Field(None, description="Stops of either kind at most; 0 = only what has to change.")


class RevisionLimits(LimitsModel):
    """When to stop searching; a dispatcher waits."""

    seconds: float | None = Field(default=5.0, gt=0, le=3600)


class RevisionRequest(Part):
    """What has happened by a moment of a running night, and what may change of the rest."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"at": "2026-11-23T01:30:00+01:00", "events": [{"type": "van_lost", "van_id": "van-2"}]},
                {
                    "at": "2026-11-23T00:10:00+01:00",
                    "reports": [{"van_id": "van-1", "done": 3, "outcomes": [{"stop": 2, "pickup": 1}]}],
                    "freeze": {"stops_per_van": 1},
                    "events": [{"type": "station_seen", "station_id": "s1", "bikes": 0}],
                    "stability": {"per_stop": 2.0, "max_changed": 10},
                    "limits": {"seconds": None, "rounds": 200},
                },
            ]
        }
    )

    at: Moment = Field(description="Now: what is behind vans by then stays done.")
    reports: tuple[VanTold, ...] = Field((), max_length=1_000)
    freeze: FrozenPart = FrozenPart()
    events: tuple[Happening, ...] = Field((), max_length=10_000)
    stability: ChangePrices = ChangePrices()
    limits: RevisionLimits = RevisionLimits()
    name: Name | None = None
