"""Keeps the cities that users bring: each version of each is a folder that never changes, named by its content."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.loader import list_cities
from service.access import audit
from service.access.caller import Caller
from service.cities import store
from service.cities.checking import check
from service.cities.store import City
from service.db import reading, writing
from service.errors import BundledCity, Changed, InvalidRequest, NotFound
from service.jobs.documents import sync_folder
from service.once import ANEW, Once
from service.settings import Settings

CLAIM_S = 300.0
"""Time that bringing a city may take beside looking it over; after that its Idempotency-Key is free again."""

BUNDLED_TENANT = "bundled"
"""Of cities that come with evenfleet and that nobody can change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The cities of the caller's tenant, and the bundled ones."""

    database: sa.Engine
    settings: Settings
    caller: Caller

    def names(self, plan: str) -> set[str]:
        """The tenant's own cities for which this kind of plan can be made."""
        with reading(self.database) as connection:
            found = store.all_of(connection, tenant_id=self.caller.tenant_id)
        return {city.id for city in found if plan in city.description["plans"]}

    def hold(self, connection: sa.Connection, city_id: str) -> str:
        """The version of a city that there is now, which stays until the caller's transaction ends."""
        found = store.find(connection, city_id, tenant_id=self.caller.tenant_id, hold=True)
        if found is None:
            raise NotFound("there is no city of this name")
        return found.version

    def all(self) -> list[City]:
        """The tenant's own and the bundled ones, by name."""
        with reading(self.database) as connection:
            found = store.all_of(connection, tenant_id=self.caller.tenant_id)
        return sorted([*found, *map(bundled, list_cities())], key=lambda city: city.id)

    def find(self, city_id: str) -> City:
        """
        The city of this name.

        Raises
        ------
        NotFound
            There is none.
        """
        if city_id in list_cities():
            return bundled(city_id)
        with reading(self.database) as connection:
            found = store.find(connection, city_id, tenant_id=self.caller.tenant_id) if is_name(city_id) else None
        if found is None:
            raise NotFound("there is no city of this name")
        return found

    def lists(self, city: City) -> dict[str, Any]:
        """All that is in the city: stations, snapshot, vans, depots, car_stations, cars, drivers."""
        if city.tenant_id == BUNDLED_TENANT:
            return _described(city.id)["lists"]  # type: ignore[no-any-return]
        told: dict[str, Any] = json.loads((self._place(city.version) / "lists.json").read_bytes())
        return told

    def bring(
        self,
        city_id: str,
        fill: Callable[[Path], None],
        *,
        accept: Callable[[City | None], bool],
        action: audit.Action = audit.Action.CITY_BRING,
        once: Once = ANEW,
    ) -> tuple[City, bool, list[Finding]]:
        """
        Keep what `fill` puts into a working folder as the newest version of a city, after looking it over.

        Gives the city, whether the name is new, and what is odd but possible.

        Raises
        ------
        InvalidRequest
            The name or the city is wrong; with every finding.
        BundledCity
            The name is taken by a bundled city.
        Changed
            `accept` refuses the version that there is, or it changed in the meantime.
        MadeBefore, KeyReused, KeyInUse
            By the Idempotency-Key.
        """
        self._check_name(city_id)
        with once.claimed(self.database, for_s=self.settings.city_check_s + CLAIM_S):
            return self._bring(city_id, fill, accept=accept, action=action, once=once)

    def _bring(
        self,
        city_id: str,
        fill: Callable[[Path], None],
        *,
        accept: Callable[[City | None], bool],
        action: audit.Action,
        once: Once,
    ) -> tuple[City, bool, list[Finding]]:
        seen = self._seen(city_id)
        if not accept(seen):
            raise Changed(f"city {city_id} is not what the precondition says")
        self.settings.cities_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.settings.cities_dir, prefix=".new-") as folder:
            fill(Path(folder))
            checked = check(Path(folder), self.settings)
            if checked.description is None or checked.version is None:
                raise InvalidRequest(f"city {city_id} has errors", findings=_without(checked.findings, Path(folder)))
            description = dict(checked.description)
            lists = description.pop("lists")
            self._keep(Path(folder), checked.version, lists)
            with writing(self.database) as connection:
                now = store.find(connection, city_id, tenant_id=self.caller.tenant_id)
                if (now and now.version) != (seen and seen.version):
                    raise Changed(f"city {city_id} was changed by somebody else in the meantime")
                is_new = store.put(
                    connection,
                    city_id,
                    tenant_id=self.caller.tenant_id,
                    version=checked.version,
                    description=description,
                )
                audit.record(connection, self.caller, action, target=city_id)
                once.keep(connection, city_id)
            # From here on the name keeps it; until then it may have been an old one that nobody wanted.
            self._keep(Path(folder), checked.version, lists)
        return self.find(city_id), is_new, _without(checked.findings, Path(folder))

    def remove(self, city_id: str) -> None:
        """Forget a city; plans that were submitted before are still made."""
        found = self.find(city_id)
        self.check_is_own(found)
        with writing(self.database) as connection:
            store.remove(connection, city_id, tenant_id=self.caller.tenant_id)
            audit.record(connection, self.caller, audit.Action.CITY_REMOVE, target=city_id)

    def check_is_own(self, city: City) -> None:
        """Raises BundledCity for one that comes with evenfleet."""
        if city.tenant_id == BUNDLED_TENANT:
            raise BundledCity(f"{city.id} comes with evenfleet and cannot be changed")

    def folder(self, city: City) -> Path:
        """The files of a city that somebody brought."""
        return self.settings.city_folder(city.version)

    def _check_name(self, city_id: str) -> None:
        if city_id in list_cities():
            raise BundledCity(f"{city_id} comes with evenfleet; take another name")
        if not is_name(city_id):
            findings = Findings()
            findings.error(
                "city_name",
                "is no name for a city",
                source="path",
                where="city_id",
                value=city_id,
                hint="small letters, digits and hyphens, at most 64, with a letter or digit first",
            )
            raise InvalidRequest("the name of the city is wrong", findings=findings.errors)

    def _seen(self, city_id: str) -> City | None:
        with reading(self.database) as connection:
            return store.find(connection, city_id, tenant_id=self.caller.tenant_id)

    def _keep(self, folder: Path, version: str, lists: dict[str, Any]) -> None:
        """Put the files where their version belongs; there already, they are as good as new."""
        place = self._place(version)
        if place.exists():
            os.utime(place)
            return
        whole = folder / "whole"
        whole.mkdir()
        (folder / "city").rename(whole / "city")
        with (whole / "lists.json").open("w") as file:
            json.dump(lists, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            whole.rename(place)
            sync_folder(place.parent)
        except OSError:
            if not place.exists():  # Else somebody kept the same content at the same moment.
                raise

    def _place(self, version: str) -> Path:
        return self.settings.city_folder(version).parent


def is_name(text: str) -> bool:
    """Whether a city may be called so."""
    return re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", text) is not None


def bundled(name: str) -> City:
    """A city that comes with evenfleet."""
    described = {key: value for key, value in _described(name).items() if key != "lists"}
    return City(tenant_id=BUNDLED_TENANT, id=name, version="", description=described, created_ms=0, updated_ms=0)


@cache
def _described(name: str) -> dict[str, Any]:
    from scenarios.describing import describe

    return describe(name)


def _without(findings: Sequence[Finding], folder: Path) -> list[Finding]:
    """The findings, which shall not tell where on this machine the city lies."""
    city = str(folder.resolve() / "city")

    def plain(text: str) -> str:
        return text.replace(f"{city}/", "").replace(city, "the folder")

    return [
        replace(
            finding,
            source=plain(finding.source),
            message=plain(finding.message),
            hint=plain(finding.hint),
            value=plain(finding.value) if isinstance(finding.value, str) else finding.value,
        )
        for finding in findings
    ]
