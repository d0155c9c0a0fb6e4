"""What can be done about webhooks: keep endpoints, change their secrets, try them, look at deliveries, send again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from service.access import audit
from service.access.caller import Caller
from service.db import reading, writing
from service.errors import EndpointDisabled, InvalidRequest, NotFound
from service.jobs.bodies import excess, part
from service.jobs.turns import take_turns
from service.once import ANEW, Once
from service.outward.connector import Connector
from service.outward.errors import Unreachable
from service.settings import Settings
from service.webhooks import outbox, store
from service.webhooks.signing import make_secret
from service.webhooks.states import (
    DELIVERY_ID,
    ENDPOINT_ID,
    ID_BYTES,
    Delivery,
    Disabled,
    Endpoint,
    EventType,
    Status,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Endpoints and deliveries of all tenants; each caller sees those of its own."""

    database: sa.Engine
    settings: Settings
    connector: Connector

    def create(self, caller: Caller, *, url: str, name: str, types: list[EventType], once: Once = ANEW) -> Endpoint:
        """
        A new endpoint with a new secret.

        Raises
        ------
        InvalidRequest
            Nothing may be sent to the address, or the tenant has as many endpoints as it may.
        MadeBefore, KeyReused
            By the Idempotency-Key.
        """
        once.look(self.database)
        self._check(url)
        endpoint_id = f"whe_{secrets.token_hex(ID_BYTES)}"
        with writing(self.database) as connection:
            take_turns(connection, caller.tenant_id)
            once.begin(connection)
            self._check_room(connection, caller)
            store.add_endpoint(
                connection,
                endpoint_id,
                tenant_id=caller.tenant_id,
                name=name,
                url=url,
                types=[str(event_type) for event_type in types],
                secret=make_secret(),
            )
            audit.record(connection, caller, audit.Action.WEBHOOK_CREATE, target=endpoint_id)
            once.keep(connection, endpoint_id)
            return self._find(connection, caller, endpoint_id)

    def page(self, caller: Caller, *, limit: int, before: tuple[int, str] | None) -> list[Endpoint]:
        """Endpoints, newest first."""
        with reading(self.database) as connection:
            return store.endpoints(connection, tenant_id=caller.tenant_id, limit=limit, before=before)

    def find(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """One of the tenant's endpoints."""
        with reading(self.database) as connection:
            return self._find(connection, caller, endpoint_id)

    def change(self, caller: Caller, endpoint_id: str, changes: dict[str, Any]) -> Endpoint:
        """
        Set `url`, `name`, `types` or `is_enabled`, those that are given.

        Raises
        ------
        InvalidRequest
            Nothing may be sent to the new address.
        """
        if "url" in changes:
            self._check(changes["url"])
        with writing(self.database) as connection:
            found = self._find(connection, caller, endpoint_id)
            values: dict[str, Any] = {name: changes[name] for name in ("url", "name", "types") if name in changes}
            is_enabled = changes.get("is_enabled")
            if is_enabled:
                values |= {"disabled_ms": None, "disabled_reason": None}
            if values:
                store.change_endpoint(connection, endpoint_id, **values)
            if is_enabled is False and found.disabled_ms is None:
                store.disable_endpoint(connection, endpoint_id, reason=Disabled.BY_USER)
            audit.record(connection, caller, audit.Action.WEBHOOK_CHANGE, target=endpoint_id)
            return self._find(connection, caller, endpoint_id)

    def delete(self, caller: Caller, endpoint_id: str) -> None:
        """Forget an endpoint; its deliveries stay in the log."""
        with writing(self.database) as connection:
            self._find(connection, caller, endpoint_id)
            store.delete_endpoint(connection, endpoint_id)
            audit.record(connection, caller, audit.Action.WEBHOOK_DELETE, target=endpoint_id)

    def rotate(self, caller: Caller, endpoint_id: str, *, overlap_s: float, once: Once = ANEW) -> Endpoint:
        """Another secret; the one before signs as well for `overlap_s`. Raises as `create`."""
        with writing(self.database) as connection:
            self._find(connection, caller, endpoint_id)
            once.begin(connection)
            store.replace_secret(connection, endpoint_id, secret=make_secret(), overlap_s=overlap_s)
            audit.record(connection, caller, audit.Action.WEBHOOK_ROTATE, target=endpoint_id)
            once.keep(connection, endpoint_id)
            return self._find(connection, caller, endpoint_id)

    def try_out(self, caller: Caller, endpoint_id: str, *, once: Once = ANEW) -> Delivery:
        """
        Send an event that says nothing but that it is a test.

        Raises
        ------
        EndpointDisabled
        MadeBefore, KeyReused
            By the Idempotency-Key.
        """
        with writing(self.database) as connection:
            found = self._find(connection, caller, endpoint_id)
            once.begin(connection)
            _check_enabled(found)
            delivery_id = outbox.queue(
                connection,
                tenant_id=caller.tenant_id,
                endpoint_id=endpoint_id,
                event_type=EventType.TEST,
                at_ms=store.now(connection),
                data={"endpoint_id": endpoint_id},
            )
            once.keep(connection, delivery_id)
            return self._find_delivery(connection, caller, delivery_id)

    def deliveries(
        self,
        caller: Caller,
        *,
        limit: int,
        endpoint_id: str | None,
        status: Status | None,
        before: tuple[int, str] | None,
    ) -> list[Delivery]:
        """What was and is to be sent, newest first."""
        with reading(self.database) as connection:
            return store.deliveries(
                connection,
                tenant_id=caller.tenant_id,
                limit=limit,
                endpoint_id=endpoint_id,
                status=status,
                before=before,
            )

    def find_delivery(self, caller: Caller, delivery_id: str) -> Delivery:
        """One of the tenant's deliveries."""
        with reading(self.database) as connection:
            return self._find_delivery(connection, caller, delivery_id)

    def send_again(self, caller: Caller, delivery_id: str) -> Delivery:
        """
        Send a delivery now, under the same id, whatever has become of it.

        Raises
        ------
        EndpointDisabled
        """
        with writing(self.database) as connection:
            found = self._find_delivery(connection, caller, delivery_id)
            _check_enabled(store.endpoint(connection, found.endpoint_id, tenant_id=caller.tenant_id))
            store.send_again(connection, delivery_id)
            audit.record(connection, caller, audit.Action.WEBHOOK_REDELIVER, target=delivery_id)
            return self._find_delivery(connection, caller, delivery_id)

    def wrong_address(self, document: Any) -> tuple[Finding, ...]:
        """What is wrong with the address that a request names, whatever else is; asks for the host's address."""
        url = part(document, "url")
        try:
            if isinstance(url, str):
                self.connector.check(url)
        except Unreachable as error:
            return (replace(error.finding, source="request", where="/url"),)
        return ()

    def _check(self, url: str) -> None:
        findings = self.wrong_address({"url": url})
        if findings:
            raise InvalidRequest("nothing can be sent to this address", findings=findings)

    def _check_room(self, connection: sa.Connection, caller: Caller) -> None:
        wanted = store.count_endpoints(connection, tenant_id=caller.tenant_id) + 1
        findings = Findings()
        if wanted > self.settings.max_webhook_endpoints:
            excess(findings, "max_webhook_endpoints", "", wanted, self.settings.max_webhook_endpoints)
            raise InvalidRequest("there is no room for another endpoint", findings=findings.errors)

    def _find(self, connection: sa.Connection, caller: Caller, endpoint_id: str) -> Endpoint:
        # What is no id at all is not asked of the database, which may not even be able to spell it.
        is_id = ENDPOINT_ID.fullmatch(endpoint_id) is not None
        found = store.endpoint(connection, endpoint_id, tenant_id=caller.tenant_id) if is_id else None
        if found is None:
            raise NotFound("there is no webhook endpoint with this id")
        return found

    def _find_delivery(self, connection: sa.Connection, caller: Caller, delivery_id: str) -> Delivery:
        is_id = DELIVERY_ID.fullmatch(delivery_id) is not None
        found = store.delivery(connection, delivery_id, tenant_id=caller.tenant_id) if is_id else None
        if found is None:
            raise NotFound("there is no webhook delivery with this id")
        return found


def _check_enabled(endpoint: Endpoint | None) -> None:
    if endpoint is None:
        raise EndpointDisabled("the endpoint of this delivery was deleted")
    if endpoint.disabled_ms is not None:
        raise EndpointDisabled(f"{endpoint.id} is disabled ({endpoint.disabled_reason}); enable it first")
