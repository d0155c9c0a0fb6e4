"""
What the service refuses and why.

    ServiceError             has a status, a stable code, a sentence, and findings where there are several
    ├── MalformedBody        400  the body is not JSON
    ├── Unauthenticated      401  no key, or none that is valid
    ├── KeyInUrl             401  a key was put into the address
    ├── Forbidden            403  the key is valid, but not for this
    ├── NotFound             404
    ├── NotFinished          409  asked for a result before there is one
    ├── NoResult             409  asked for the result of a plan that ended without one
    ├── KeyEnded             409  the key to be rotated has ended or was rotated before
    ├── EndpointDisabled     409  asked to send to a webhook endpoint that is disabled or deleted
    ├── KeyInUse             409  the request with this Idempotency-Key is still being carried out
    ├── CityGone             409  the version of a city that a plan was made of is no longer kept
    ├── IllegalMove          409  the stage of a plan does not allow what was asked
    ├── BundledCity          409  a city that comes with evenfleet was to be changed
    ├── Changed              412  a precondition does not hold
    ├── BodyTooLarge         413
    ├── NotJson              415
    ├── NotZip               415
    ├── InvalidRequest       422  carries every finding
    ├── KeyReused            422  an Idempotency-Key came with another body
    ├── TooManyRequests      429  faster than the tenant may be
    ├── TooManyOpenJobs      429  the tenant has as many jobs waiting and running as it may have
    ├── TooManyStreams       429  as many event streams are open as may be
    ├── Unavailable          503  database or workers are away
    └── StorageFull          507  nothing more can be written
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from optimiser.basics.errors import EvenfleetError
from optimiser.basics.finding import Finding

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
"""Numbers of system errors that say that nothing more can be written here."""


class ServiceError(EvenfleetError):
    """A request that is not carried out; the one handler in `problems` turns it into an answer."""

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self, detail: str, *, findings: Sequence[Finding] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        self.detail = detail
        self.findings = tuple(findings)
        self.headers = dict(headers or {})
        super().__init__(detail)


class MalformedBody(ServiceError):
    """The body cannot be read as JSON."""

    status = 400
    code = "malformed_body"
    title = "The body is not valid JSON"


class Unauthenticated(ServiceError):
    """No key was sent, or none that is valid."""

    status = 401
    code = "unauthenticated"
    title = "A valid key is needed"


class KeyInUrl(ServiceError):
    """A key was put into the address, where logs and histories keep it."""

    status = 401
    code = "key_in_url"
    title = "A key must not be in the address"


class Forbidden(ServiceError):
    """The key is valid, but lacks the scope that this needs."""

    status = 403
    code = "missing_scope"
    title = "The key lacks a scope"


class NotFound(ServiceError):
    """No such thing; also for a thing of somebody else."""

    status = 404
    code = "not_found"
    title = "Not found"


class NotFinished(ServiceError):
    """The plan or the study is still being made."""

    status = 409
    code = "not_finished"
    title = "It is not finished"


class NoResult(ServiceError):
    """The plan or the study ended without a result and will never have one."""

    status = 409
    code = "no_result"
    title = "It has no result"


class KeyEnded(ServiceError):
    """The key has been revoked, has expired or was rotated before, so that nothing can be made of it."""

    status = 409
    code = "key_ended"
    title = "The key has ended"


class EndpointDisabled(ServiceError):
    """Nothing is sent to this webhook endpoint."""

    status = 409
    code = "endpoint_disabled"
    title = "The webhook endpoint is disabled"


class KeyInUse(ServiceError):
    """The request with this Idempotency-Key is being carried out; `Retry-After` says when to ask again."""

    status = 409
    code = "idempotency_key_in_use"
    title = "The same request is being carried out"


class CityGone(ServiceError):
    """The version of the city that the plan was made of is no longer kept."""

    status = 409
    code = "city_gone"
    title = "The city of the plan is no longer kept"


class IllegalMove(ServiceError):
    """The stage of the plan does not allow this; the detail says what is possible."""

    status = 409
    code = "illegal_move"
    title = "The stage of the plan does not allow this"


class BundledCity(ServiceError):
    """Cities that come with evenfleet stay as they are."""

    status = 409
    code = "bundled_city"
    title = "A bundled city cannot be changed"


class Changed(ServiceError):
    """What is there is not what the caller believes it is."""

    status = 412
    code = "precondition_failed"
    title = "The precondition does not hold"


class BodyTooLarge(ServiceError):
    """The body is larger than the stated limit."""

    status = 413
    code = "body_too_large"
    title = "The body is too large"


class NotJson(ServiceError):
    """The body says that it is something other than JSON."""

    status = 415
    code = "unsupported_media_type"
    title = "Only application/json is accepted"


class NotZip(ServiceError):
    """A city is brought as a zip file."""

    status = 415
    code = "not_zip"
    title = "The body must be a zip file"


class InvalidRequest(ServiceError):
    """Well-formed, but wrong; `findings` says everything that is wrong."""

    status = 422
    code = "invalid_request"
    title = "The request is invalid"


class KeyReused(ServiceError):
    """An Idempotency-Key was sent before with another body."""

    status = 422
    code = "idempotency_key_reused"
    title = "The Idempotency-Key belongs to another request"


class TooManyRequests(ServiceError):
    """The tenant is faster than it may be; `Retry-After` says how long to wait."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"


class TooManyOpenJobs(ServiceError):
    """The tenant has as many jobs waiting and running as it may have."""

    status = 429
    code = "too_many_open_jobs"
    title = "Too many jobs wait or run"


class TooManyStreams(ServiceError):
    """As many event streams are open as may be."""

    status = 429
    code = "too_many_streams"
    title = "Too many event streams are open"


class Unavailable(ServiceError):
    """Something this service needs is away; trying again later helps."""

    status = 503
    code = "unavailable"
    title = "Not available at the moment"


class StorageFull(ServiceError):
    """The disk or the database is full or may not be written; reading still works."""

    status = 507
    code = "storage_full"
    title = "No room to write"


def every_error(error: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    """All kinds there are."""
    for below in error.__subclasses__():
        yield below
        yield from every_error(below)
