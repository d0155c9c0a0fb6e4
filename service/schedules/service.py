"""What is done about schedules: a schedule is accepted when what it would submit is."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from optimiser.basics.findings import Findings
from scenarios.folder import read_city_file
from scenarios.loader import find_folder
from service.access.caller import Caller
from service.cities.shelf import BUNDLED_TENANT, Shelf
from service.db import reading, writing
from service.errors import InvalidRequest, NotFound
from service.jobs.requests import Known
from service.once import ANEW, Once
from service.schedules import store
from service.schedules.kinds import RESOURCES
from service.schedules.schemas import ScheduleChange, ScheduleRequest
from service.schedules.store import Schedule
from service.settings import Settings

ID_BYTES = 10
MOST = 200
"""Schedules of one tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedules:
    """Schedules of one caller's tenant."""

    database: sa.Engine
    settings: Settings
    caller: Caller

    def create(self, wanted: ScheduleRequest, *, once: Once = ANEW) -> Schedule:
        """
        Keep a schedule; its first night is the next one.

        Raises
        ------
        InvalidRequest
            What it would submit is wrong, or there are too many.
        MadeBefore, KeyReused
            By the Idempotency-Key.
        """
        once.look(self.database)
        self._check(wanted.kind, wanted.city, wanted.options)
        city = read_city_file(self._folder(wanted.city), Findings()) or {}
        schedule_id = f"sch_{secrets.token_hex(ID_BYTES)}"
        with writing(self.database) as connection:
            once.begin(connection)
            if len(store.all_of(connection, self.caller.tenant_id)) >= MOST:
                raise InvalidRequest(f"there are {MOST} schedules already, which is the most there may be")
            store.create(
                connection,
                id=schedule_id,
                tenant_id=self.caller.tenant_id,
                name=wanted.name or f"{wanted.city} {wanted.kind}",
                kind=wanted.kind,
                city=wanted.city,
                time_zone=city["time_zone"],
                local_time=wanted.local_time,
                options=wanted.options,
                is_paused=wanted.is_paused,
            )
            once.keep(connection, schedule_id)
            return self._find(connection, schedule_id)

    def find(self, schedule_id: str) -> Schedule:
        """The schedule."""
        with reading(self.database) as connection:
            return self._find(connection, schedule_id)

    def all(self) -> list[Schedule]:
        """All of the tenant."""
        with reading(self.database) as connection:
            return store.all_of(connection, self.caller.tenant_id)

    def change(self, schedule_id: str, wanted: ScheduleChange) -> Schedule:
        """Change what is given; raises InvalidRequest where the new options are wrong."""
        before = self.find(schedule_id)
        values = wanted.model_dump(exclude_none=True)
        if wanted.options is not None:
            self._check(before.kind, before.city, wanted.options)
        with writing(self.database) as connection:
            if values:
                store.change(connection, schedule_id, tenant_id=self.caller.tenant_id, values=values)
            return self._find(connection, schedule_id)

    def delete(self, schedule_id: str) -> None:
        """Remove the schedule; its plans stay."""
        with writing(self.database) as connection:
            self._find(connection, schedule_id)
            store.delete(connection, schedule_id, tenant_id=self.caller.tenant_id)

    def _check(self, kind: str, city: str, options: dict[str, Any]) -> None:
        findings = Findings()
        for name in sorted({"city", "name"} & options.keys()):
            findings.error(
                "option_taken",
                f"{name} is said by the schedule itself",
                source="request",
                where=f"/options/{name}",
                value=options[name],
                hint="leave it out of options",
            )
        if findings.errors:
            raise InvalidRequest("the options are wrong", findings=findings.errors)
        try:
            resource = RESOURCES[kind]
            own = self._shelf().names(resource.kind.name)
            resource.read(json.dumps({**options, "city": city}).encode(), self.settings, Known(cities=own))
        except InvalidRequest as error:
            found = [
                finding if finding.where.startswith("/city") else replace(finding, where=f"/options{finding.where}")
                for finding in error.findings
            ]
            raise InvalidRequest("what would be submitted is wrong", findings=found) from None

    def _shelf(self) -> Shelf:
        return Shelf(database=self.database, settings=self.settings, caller=self.caller)

    def _folder(self, city_id: str) -> Path:
        city = self._shelf().find(city_id)
        return find_folder(city_id) if city.tenant_id == BUNDLED_TENANT else self._shelf().folder(city)

    def _find(self, connection: sa.Connection, schedule_id: str) -> Schedule:
        is_id = re.fullmatch(rf"sch_[0-9a-f]{{{2 * ID_BYTES}}}", schedule_id, re.ASCII)
        found = store.find(connection, schedule_id, tenant_id=self.caller.tenant_id) if is_id else None
        if found is None:
            raise NotFound("there is no schedule with this id")
        return found
