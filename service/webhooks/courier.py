"""
Sends what is due, in threads of a worker process.

An attempt is claimed in the database before it is made and recorded after it: a process that dies in between, or cannot
record for long, leaves the delivery to be claimed again after a lease, so that nothing is lost and something may arrive
twice, with the same `webhook-id`. An endpoint gets one delivery at a time from each worker, and the endpoints of one
tenant a part of the threads: who is slow holds up itself.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog

from service.db import persist, reading, writing
from service.outward.allowed import Allowed
from service.outward.connector import Connector
from service.outward.errors import Unreachable
from service.settings import Settings
from service.webhooks import store
from service.webhooks.signing import sign
from service.webhooks.states import Delivery, Disabled, Endpoint, Status

log = structlog.get_logger()

SENDERS = 32
SENDERS_OF_ONE = 8
"""Threads that one tenant may have."""
MAX_JITTER = 0.1
LEASE_BEYOND_TIMEOUT_S = 5.0
"""To write down how an attempt ended."""
FORGET_EVERY_S = 3600.0
GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """The sender of one worker."""

    database: sa.Engine
    settings: Settings
    jitter: Callable[[], float] = lambda: random.uniform(0.0, MAX_JITTER)  # noqa: S311 - spreads, guards nothing
    senders: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(SENDERS, "webhook"))
    busy: dict[str, str] = field(default_factory=dict)
    """Endpoints that something is being sent to, and whose they are."""

    def run(self, stop: threading.Event) -> None:
        """Send whatever becomes due until `stop` is set."""
        forgotten_s = -FORGET_EVERY_S
        while not stop.wait(self.settings.poll_s):
            try:
                self.send_due()
                if time.monotonic() - forgotten_s > FORGET_EVERY_S:
                    forgotten_s = time.monotonic()
                    with writing(self.database) as connection:
                        store.forget(connection, older_than_s=86_400.0 * self.settings.webhook_keep_days)
            except sa.exc.SQLAlchemyError as error:
                log.error("webhooks_wait_for_database", error=type(error).__name__)
                stop.wait(1.0)

    def send_due(self) -> None:
        """Begin to send what is due, one to each endpoint that is idle, as far as there are threads."""
        at_most = {tenant_id for tenant_id, number in self._load().items() if number >= SENDERS_OF_ONE}
        with reading(self.database) as connection:
            found = store.due(connection, besides=list(self.busy), besides_of=at_most, limit=10 * SENDERS)
        for one in found:
            if len(self.busy) >= SENDERS:
                return
            if one.endpoint_id in self.busy or self._load()[one.tenant_id] >= SENDERS_OF_ONE:
                continue
            with writing(self.database) as connection:
                claimed = store.claim(connection, one, lease_s=self.settings.webhook_timeout_s + LEASE_BEYOND_TIMEOUT_S)
            if claimed is not None:
                self.busy[claimed.endpoint_id] = claimed.tenant_id
                self.senders.submit(self._deliver, claimed)

    def finish(self, *, within_s: float) -> None:
        """Wait for what is being sent."""
        deadline_s = time.monotonic() + within_s
        while self.busy and time.monotonic() < deadline_s:
            time.sleep(0.05)

    def _load(self) -> Counter[str]:
        """How many threads each tenant has."""
        return Counter(list(self.busy.values()))

    def _deliver(self, delivery: Delivery) -> None:
        try:
            ended = self._attempt(delivery)
            recorded = persist(lambda: self._record(delivery, ended), patience_s=LEASE_BEYOND_TIMEOUT_S)
            log.info("webhook_sent", delivery_id=delivery.id, attempt=delivery.attempt, recorded=recorded, **ended)
        except Exception as error:
            # The lease brings it back.
            log.error("webhook_not_recorded", delivery_id=delivery.id, error=type(error).__name__)
        finally:
            self.busy.pop(delivery.endpoint_id, None)

    def _attempt(self, delivery: Delivery) -> dict[str, Any]:
        """Send it once; `last_status`, or `last_error` where there was no answer."""
        with reading(self.database) as connection:
            endpoint = store.endpoint(connection, delivery.endpoint_id, tenant_id=delivery.tenant_id)
            now_ms = store.now(connection)
        if endpoint is None or endpoint.disabled_ms is not None:
            return {"last_error": "endpoint_disabled"}
        return self._post(endpoint, delivery, now_ms)

    def _post(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> dict[str, Any]:
        timeout_s = self.settings.webhook_timeout_s
        connector = Connector(allowed=Allowed.read(self.settings.allow_hosts), total_s=timeout_s, silence_s=timeout_s)
        body = delivery.body.encode()
        signed = sign(body, message_id=delivery.id, at_s=now_ms // 1000, secrets_=endpoint.secrets_at(now_ms))
        try:
            answer = connector.post(endpoint.url, body, headers={"Content-Type": "application/json", **signed})
        except Unreachable as error:
            return {"last_error": error.code}
        return {"last_status": answer.status}

    def _record(self, delivery: Delivery, ended: dict[str, Any]) -> bool:
        retries_s = self.settings.webhook_retries_s
        status = ended.get("last_status", 0)
        with writing(self.database) as connection:
            if 200 <= status < 300:
                return store.record(connection, delivery, status=Status.DELIVERED, **ended)
            if ended.get("last_error") == "endpoint_disabled":
                return store.record(connection, delivery, status=Status.DISCARDED, **ended)
            if status == GONE:
                recorded = store.record(connection, delivery, status=Status.FAILED, **ended)
                if recorded:
                    store.disable_endpoint(connection, delivery.endpoint_id, reason=Disabled.GONE)
                return recorded
            if delivery.tries >= len(retries_s):
                return store.record(connection, delivery, status=Status.FAILED, **ended)
            wait_s = retries_s[delivery.tries] * (1.0 + self.jitter())
            return store.record(connection, delivery, status=Status.PENDING, retry_s=wait_s, **ended)
