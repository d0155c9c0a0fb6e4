"""Deliveries from the end of a job to a real receiver, on both databases: signed, repeated, fenced, given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import WebhookVerificationError

from service import db
from service.jobs import store as jobs
from service.jobs.kinds import KINDS
from service.jobs.states import FailureCode, Outcome, State, failure
from service.settings import Settings
from service.webhooks import store
from service.webhooks.courier import Courier
from service.webhooks.signing import make_secret
from service.webhooks.states import Delivery, Disabled, EventType, Status
from tests.service.receiver import Receiver, receiver
from tests.service.running import wait_for


@dataclass
class House:
    """A database with a courier, and what tests do with them."""

    database: sa.Engine
    courier: Courier
    jobs: int = 0

    def listen(self, url: str, *types: str, tenant_id: str = "default", secret: str = "") -> str:
        endpoint_id = f"whe_{time.monotonic_ns():020x}"
        with db.writing(self.database) as connection:
            store.add_endpoint(
                connection,
                endpoint_id,
                tenant_id=tenant_id,
                name="",
                url=url,
                types=list(types),
                secret=secret or make_secret(),
            )
        return endpoint_id

    def start_job(self, *, kind: str = "rebalancing", tenant_id: str = "default") -> str:
        self.jobs += 1
        job_id = f"pln_{self.jobs}"
        with db.writing(self.database) as connection:
            jobs.create(
                connection,
                tenant_id=tenant_id,
                job_id=job_id,
                kind=kind,
                name="N" * 200,
                request_sha256="0" * 64,
                idempotency_key=None,
            )
        return job_id

    def end_job(self, outcome: Outcome | None = None, **options: str) -> str:
        job_id = self.start_job(**options)
        with db.writing(self.database) as connection:
            jobs.claim(connection, job_id, executor_id="me")
            ending = outcome or Outcome(state=State.SUCCEEDED, files={}, stop_reason="gap")
            assert jobs.finish(connection, job_id, attempt=1, outcome=ending)
        return job_id

    def log(self, **options: Any) -> list[Delivery]:
        """Oldest first."""
        with db.reading(self.database) as connection:
            return store.deliveries(connection, **{"tenant_id": "default", "limit": 1000, **options})[::-1]

    def make_due(self) -> None:
        with db.writing(self.database) as connection:
            connection.execute(
                sa.update(db.webhook_delivery).values(next_ms=0).where(db.webhook_delivery.c.next_ms > 0)
            )

    def send(self) -> list[Delivery]:
        """Send all that is due, and wait."""
        self.courier.send_due()
        wait_for(lambda: not self.courier.busy, within_s=20, what="the courier")
        return self.log()


@pytest.fixture
def house(tmp_path: Path, db_url: str) -> Iterator[House]:
    settings = Settings(data_dir=tmp_path, db_url=db_url, allow_hosts="127.0.0.1", webhook_timeout_s=2, poll_s=0.05)
    database = db.open_engine(settings.database_url)
    db.migrate(database)
    yield House(database, Courier(database=database, settings=settings, jitter=lambda: 0.0))
    database.dispose()


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def test_the_end_of_a_job_arrives_signed_and_thin(house: House, hook: Receiver):
    secret = make_secret()
    house.listen(hook.url, secret=secret)
    job_id = house.end_job()
    [logged] = house.send()
    [got] = hook.received
    event = got.verified(secret)
    assert event == {
        "type": "plan.succeeded",
        "timestamp": event["timestamp"],
        "data": {
            "id": job_id,
            "kind": "rebalancing",
            "name": "N" * 200,
            "path": f"/v1/rebalancing-plans/{job_id}",
            "status": "succeeded",
            "stop_reason": "gap",
            "error": None,
        },
    }
    assert event["timestamp"].endswith("Z")
    assert len(got.body) < 1_000
    assert got.headers["content-type"] == "application/json"
    assert (logged.id, logged.status, logged.attempt, logged.last_status) == (got.id, Status.DELIVERED, 1, 200)
    with pytest.raises(WebhookVerificationError):
        got.verified(make_secret())
    house.make_due()
    assert house.send() == [logged]
    assert len(hook.received) == 1


ENDS: dict[str, Callable[[House], str]] = {
    "plan.failed": lambda house: house.end_job(failure(FailureCode.CPU_LIMIT, "too long")),
    "plan.invalid": lambda house: house.end_job(failure(FailureCode.INVALID_INPUT, "wrong", findings=[{"code": "x"}])),
    "study.cancelled": lambda house: house.end_job(Outcome(state=State.CANCELLED), kind="siting"),
    "plan.succeeded": lambda house: house.end_job(kind="relocation"),
}


def test_an_endpoint_gets_what_it_has_chosen_and_of_its_tenant(house: House):
    house.listen("http://127.0.0.1:9/", "plan.failed", "study.cancelled")
    house.listen("http://127.0.0.1:9/", tenant_id="other")
    for end in ENDS.values():
        end(house)
    assert [one.type for one in house.log()] == ["plan.failed", "study.cancelled"]
    assert house.log(tenant_id="other") == []
    house.end_job(tenant_id="other")
    assert [one.type for one in house.log(tenant_id="other")] == ["plan.succeeded"]


def test_every_way_that_a_job_ends_is_told_once(house: House):
    house.listen("http://127.0.0.1:9/")
    queued, given_up = house.start_job(), house.start_job()
    for _ in range(2):
        with db.writing(house.database) as connection:
            jobs.cancel(connection, queued)
            jobs.abandon(connection, given_up, outcome=failure(FailureCode.ATTEMPTS_EXHAUSTED, "dead"))
    assert [one.type for one in house.log()] == ["plan.cancelled", "plan.failed"]


def test_an_end_that_is_rolled_back_is_not_told(house: House):
    house.listen("http://127.0.0.1:9/")
    job_id = house.start_job()

    def end_in_a_power_cut() -> None:
        with db.writing(house.database) as connection:
            jobs.cancel(connection, job_id)
            assert connection.execute(sa.select(sa.func.count(db.webhook_delivery.c.id))).scalar() == 1
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        end_in_a_power_cut()
    assert house.log() == []


def test_there_is_an_event_for_every_end_of_every_kind_of_job():
    ends = [state for state in State if state.is_final]
    assert {f"{kind.noun}.{state}" for kind in KINDS.values() for state in ends} | {
        "webhook.test",
        "plan.published",
    } == set(EventType)


def test_what_fails_is_tried_ten_times_over_three_days_and_then_given_up(house: House, hook: Receiver):
    hook.statuses = [500, 503, 302, 404, 500]
    house.listen(hook.url)
    house.end_job()
    waits_s = []
    for number in range(1, 11):
        house.make_due()
        [one] = house.send()
        assert (one.attempt, len(hook.received)) == (number, number)
        if one.status is Status.PENDING:
            assert one.next_ms is not None
            assert one.last_ms is not None
            waits_s.append(round((one.next_ms - one.last_ms) / 1000))
    assert waits_s == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert (one.status, one.next_ms, one.last_status) == (Status.FAILED, None, 500)
    assert len({got.id for got in hook.received}) == 1


def test_a_retry_carries_a_time_and_a_signature_of_its_own(house: House, hook: Receiver):
    secret = make_secret()
    hook.statuses = [500, 200]
    house.listen(hook.url, secret=secret)
    house.end_job()
    house.send()
    time.sleep(1.1)
    house.make_due()
    assert house.send()[0].status is Status.DELIVERED
    first, second = hook.received
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    assert first.verified(secret) == second.verified(secret)
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_both_secrets_sign_while_one_takes_over_from_the_other(house: House, hook: Receiver):
    old, new = make_secret(), make_secret()
    endpoint_id = house.listen(hook.url, secret=old)
    for overlap_s in (60.0, -1.0):
        with db.writing(house.database) as connection:
            store.change_endpoint(connection, endpoint_id, secret=old)
            store.replace_secret(connection, endpoint_id, secret=new, overlap_s=overlap_s)
        house.end_job()
        house.send()
    during, after = hook.received
    assert during.verified(old) == during.verified(new)
    assert after.verified(new)
    with pytest.raises(WebhookVerificationError):
        after.verified(old)


def test_gone_disables_the_endpoint_and_discards_what_was_on_its_way(house: House, hook: Receiver):
    hook.statuses = [410]
    endpoint_id = house.listen(hook.url)
    for _ in range(3):
        house.end_job()
    assert [one.status for one in house.send()] == [Status.FAILED, Status.DISCARDED, Status.DISCARDED]
    with db.reading(house.database) as connection:
        endpoint = store.endpoint(connection, endpoint_id, tenant_id="default")
    assert endpoint is not None
    assert endpoint.disabled_reason == Disabled.GONE
    house.end_job()
    assert len(house.send()) == 3
    assert len(hook.received) == 1


def test_one_slow_receiver_delays_no_other(house: House, hook: Receiver):
    with receiver() as slow:
        slow.before = lambda: time.sleep(3.0)  # beyond the time-out of 2 s
        house.listen(slow.url)
        house.listen(hook.url)
        for _ in range(5):
            house.end_job()
        stop = threading.Event()
        running = threading.Thread(target=house.courier.run, args=(stop,))
        begun_s = time.monotonic()
        running.start()
        try:
            hook.wait(5)
            assert time.monotonic() - begun_s < 2.0
            assert len(slow.received) == 1
            wait_for(lambda: len(slow.received) >= 2, within_s=20, what="the next one to the slow receiver")
            assert slow.received[1].at_s - slow.received[0].at_s >= 1.9
        finally:
            stop.set()
            running.join()
            house.courier.finish(within_s=10)
    assert "fetch_failed" in {one.last_error for one in house.log()}


def test_a_tenant_with_many_slow_receivers_delays_no_other(house: House, hook: Receiver):
    with receiver() as slow:
        slow.before = lambda: time.sleep(3.0)
        for _ in range(40):  # more than there are threads
            house.listen(slow.url, tenant_id="slow")
        house.end_job(tenant_id="slow")
        house.courier.send_due()
        slow.wait(8)
        house.listen(hook.url)
        house.end_job()
        begun_s = time.monotonic()
        house.courier.send_due()
        hook.wait(1)
        assert time.monotonic() - begun_s < 2.0
        assert len(slow.received) < 40
        house.courier.finish(within_s=10)


def test_two_couriers_send_each_delivery_once(house: House, hook: Receiver):
    house.listen(hook.url)
    for _ in range(20):
        house.end_job()
    twin = replace(house.courier, busy={})
    stop = threading.Event()
    running = [threading.Thread(target=one.run, args=(stop,)) for one in (house.courier, twin)]
    for one in running:
        one.start()
    try:
        wait_for(lambda: {one.status for one in house.log()} == {Status.DELIVERED}, within_s=30, what="all of them")
    finally:
        stop.set()
        for one in running:
            one.join()
    assert len(hook.received) == 20
    assert len({got.id for got in hook.received}) == 20


def test_an_attempt_that_nobody_records_is_repeated_and_a_late_record_is_refused(house: House, hook: Receiver):
    house.listen(hook.url)
    house.end_job()
    [queued] = house.log()
    with db.writing(house.database) as connection:
        lost = store.claim(connection, queued, lease_s=1.0)
        assert lost is not None
        assert store.claim(connection, queued, lease_s=1.0) is None, "already claimed"
    house.send()
    assert hook.received == [], "not before the lease is over"
    time.sleep(1.1)
    [repeated] = house.send()
    assert (repeated.status, repeated.attempt, hook.received[0].id) == (Status.DELIVERED, 2, queued.id)
    with db.writing(house.database) as connection:
        assert not store.record(connection, lost, status=Status.FAILED)
    assert house.log() == [repeated]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://localhost:{port}/", "address_scheme"),
        ("https://localhost:{port}/", "address_inside"),
        ("https://[::ffff:127.0.0.1]:{port}/", "address_inside"),
    ],
)
def test_an_address_that_leads_inside_gets_nothing(house: House, hook: Receiver, url: str, code: str):
    house.listen(url.format(port=hook.server.server_port))
    house.end_job()
    [one] = house.send()
    assert (one.status, one.last_error, one.last_status) == (Status.PENDING, code, None)
    assert hook.received == []


def test_only_settled_deliveries_are_forgotten(house: House, hook: Receiver):
    house.listen(hook.url)
    house.listen("http://127.0.0.1:9/")
    house.end_job()
    house.send()
    with db.writing(house.database) as connection:
        assert store.forget(connection, older_than_s=3600) == 0
        assert store.forget(connection, older_than_s=-10) == 1
    assert [one.status for one in house.log()] == [Status.PENDING]
