"""
How much one tenant may ask for: requests, submissions and event streams.

Counted in this process, so that nothing is written for a request that is refused; each API process counts its own.
Jobs that wait or run are counted in the database, when one is accepted.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from service.access.caller import LOCAL, Caller
from service.errors import TooManyRequests, TooManyStreams
from service.settings import Settings

KEPT_BUCKETS = 10_000
STREAM_RETRY_S = 5


@dataclass(frozen=True, slots=True)
class Level:
    """How a bucket stands after a request; shown as `RateLimit` and `RateLimit-Policy`."""

    policy: str
    quota: int
    window_s: int
    left: int
    full_in_s: int

    @property
    def policy_item(self) -> str:
        """What is allowed, for `RateLimit-Policy`: `q` at once, and again after `w` seconds."""
        return f'"{self.policy}";q={self.quota};w={self.window_s}'

    @property
    def item(self) -> str:
        """What is left of it, for `RateLimit`, and in how many seconds all of it is there again."""
        return f'"{self.policy}";r={self.left};t={self.full_in_s}'


@dataclass(slots=True)
class Buckets:
    """A bucket of tokens for each tenant, filled steadily up to a brim; each request takes one token."""

    policy: str
    rate: float
    """Tokens a second."""
    burst: int
    """Where the brim is."""
    clock: Callable[[], float] = time.monotonic
    _filled: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Tenant to tokens, and when there were so many."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, tenant_id: str) -> Level:
        """
        Take a token.

        Raises
        ------
        TooManyRequests
            There is none; `Retry-After` says when there will be.
        """
        with self._lock:
            now_s = self.clock()
            tokens = self._tokens(tenant_id, now_s)
            has_one = tokens >= 1
            tokens -= 1 if has_one else 0
            self._filled[tenant_id] = (tokens, now_s)
            if len(self._filled) > KEPT_BUCKETS:
                self._forget_full(now_s)
        level = Level(
            policy=self.policy,
            quota=self.burst,
            window_s=max(1, math.ceil(self.burst / self.rate)),
            left=int(tokens),
            full_in_s=math.ceil((self.burst - tokens) / self.rate),
        )
        if not has_one:
            wait_s = max(1, math.ceil((1 - tokens) / self.rate))
            raise TooManyRequests(
                f"over the limit of {self.rate:g} {self.policy} a second, {self.burst} at once; all limits are at "
                "/v1/limits",
                headers={
                    "Retry-After": str(wait_s),
                    "RateLimit-Policy": level.policy_item,
                    "RateLimit": level.item,
                },
            )
        return level

    def _tokens(self, tenant_id: str, now_s: float) -> float:
        tokens, then_s = self._filled.get(tenant_id, (float(self.burst), now_s))
        return min(float(self.burst), tokens + (now_s - then_s) * self.rate)

    def _forget_full(self, now_s: float) -> None:
        self._filled = {
            tenant_id: kept for tenant_id, kept in self._filled.items() if self._tokens(tenant_id, now_s) < self.burst
        }


class Streams:
    """How many event streams are open, by tenant."""

    def __init__(self, *, per_tenant: int, in_all: int) -> None:
        self._per_tenant, self._in_all = per_tenant, in_all
        self._open: dict[str, int] = {}

    def open(self, caller: Caller) -> Callable[[], None]:
        """
        Count one stream more; what is returned is to be called once, when it has ended.

        Without keys there is nobody to share with, and only the limit of the whole process holds.

        Raises
        ------
        TooManyStreams
            With `Retry-After`.
        """
        if sum(self._open.values()) >= self._in_all:
            raise self._refused(f"this server holds {self._in_all} streams open, its limit max_streams")
        if caller.actor != LOCAL and self._open.get(caller.tenant_id, 0) >= self._per_tenant:
            raise self._refused(f"{self._per_tenant} streams of yours are open, the limit max_tenant_streams")
        self._open[caller.tenant_id] = self._open.get(caller.tenant_id, 0) + 1
        return partial(self._close, caller.tenant_id)

    def _close(self, tenant_id: str) -> None:
        self._open[tenant_id] -= 1
        if not self._open[tenant_id]:
            del self._open[tenant_id]

    def _refused(self, why: str) -> TooManyStreams:
        return TooManyStreams(
            f"{why}; close one, or read pages of events with ?after=", headers={"Retry-After": str(STREAM_RETRY_S)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """All that is counted in this process."""

    requests: Buckets
    submissions: Buckets
    streams: Streams


def quotas_of(settings: Settings) -> Quotas:
    """Quotas as the settings say; every bucket is full."""
    return Quotas(
        requests=Buckets("requests", settings.rate_requests, settings.burst_requests),
        submissions=Buckets("submissions", settings.rate_submissions, settings.burst_submissions),
        streams=Streams(per_tenant=settings.max_tenant_streams, in_all=settings.max_streams),
    )
