"""What can be done about keys: make, list, rotate and revoke them, and tell by them who calls."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
import structlog

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from service.access import audit, store
from service.access.caller import LOCAL, Caller, local
from service.access.keys import ID, id_of, is_key, make_key
from service.access.scopes import Scope
from service.access.store import Key
from service.asking import Together
from service.db import glance, reading, writing
from service.errors import InvalidRequest, KeyEnded, NotFound, Unauthenticated
from service.once import ANEW, Once
from service.settings import Settings

log = structlog.get_logger()

HOW = (
    "send a key as Authorization: Bearer evf_…; keys are made with `evenfleet key create` where the service runs, "
    "or with POST /v1/api-keys by a key with the scope admin"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """All keys of the database."""

    database: sa.Engine
    settings: Settings
    _closed: threading.Event = field(default_factory=threading.Event)
    """Set once a key has been seen: keys end but do not vanish, so that the house never opens again."""
    _known: Together[str, tuple[Key, str]] = field(init=False)
    """Keys with their hashes, by id."""

    def __post_init__(self) -> None:
        known = Together(self.database, one=store.find_hash, many=store.find_hashes)
        object.__setattr__(self, "_known", known)

    def create(
        self,
        caller: Caller,
        *,
        tenant_id: str,
        name: str,
        scopes: tuple[Scope, ...],
        expires_at: datetime | None,
        once: Once = ANEW,
    ) -> tuple[Key, str]:
        """
        A new key, and its text, which is told this once.

        Raises
        ------
        InvalidRequest
            It would have expired before it was made.
        MadeBefore, KeyReused
            By the Idempotency-Key.
        """
        made = make_key()
        with writing(self.database) as connection:
            once.begin(connection)
            key = store.create(
                connection,
                key_id=made.id,
                tenant_id=tenant_id,
                name=name,
                scopes=scopes,
                sha256=made.sha256,
                created_by=caller.actor,
                expires_ms=None if expires_at is None else round(expires_at.timestamp() * 1000),
            )
            if key.has_expired:
                raise InvalidRequest("the key would have expired already", findings=_expired(expires_at))
            audit.record(connection, caller, audit.Action.KEY_CREATE, target=key.id)
            once.keep(connection, key.id)
        return key, made.text

    def page(self, *, tenant_id: str | None, limit: int | None, before: tuple[int, str] | None = None) -> list[Key]:
        """Newest first, of one tenant or of all."""
        with reading(self.database) as connection:
            return store.page(connection, tenant_id=tenant_id, limit=limit, before=before)

    def audit_page(
        self,
        caller: Caller,
        *,
        limit: int,
        action: audit.Action | None = None,
        actor: str | None = None,
        target: str | None = None,
        before: tuple[int, str] | None = None,
    ) -> list[audit.AuditEvent]:
        """What was done in the tenant, newest first."""
        with reading(self.database) as connection:
            return audit.page(
                connection,
                tenant_id=caller.tenant_id,
                limit=limit,
                action=action,
                actor=actor,
                target=target,
                before=before,
            )

    def find(self, caller: Caller, key_id: str) -> Key:
        """One of the tenant's keys."""
        with reading(self.database) as connection:
            return self._find(connection, caller, key_id)

    def tenant_of(self, key_id: str) -> str:
        """Whose key it is; for the command line, which serves all tenants."""
        with reading(self.database) as connection:
            found = store.find_hash(connection, key_id)
        if found is None:
            raise NotFound(f"there is no key {key_id}")
        return found[0].tenant_id

    def revoke(self, caller: Caller, key_id: str) -> Key:
        """End a key now; nothing happens to one that was revoked before."""
        with writing(self.database) as connection:
            self._find(connection, caller, key_id)
            if store.revoke(connection, key_id, tenant_id=caller.tenant_id):
                audit.record(connection, caller, audit.Action.KEY_REVOKE, target=key_id)
            return self._find(connection, caller, key_id)

    def rotate(self, caller: Caller, key_id: str, *, grace_s: float, once: Once = ANEW) -> tuple[Key, str]:
        """
        A new key that may what the old one may, for as long as that was made for; the old one ends with its grace.

        Raises
        ------
        KeyEnded
            The old key has ended, or was rotated before.
        MadeBefore, KeyReused
            By the Idempotency-Key.
        """
        made = make_key()
        with writing(self.database) as connection:
            old = self._find(connection, caller, key_id)
            once.begin(connection)
            if not store.hand_over(
                connection, key_id, tenant_id=caller.tenant_id, to=made.id, grace_ms=round(grace_s * 1000)
            ):
                why = f"was rotated to {old.rotated_to}" if old.rotated_to else "has ended"
                raise KeyEnded(f"{key_id} {why}; make a new key instead")
            key = store.create(
                connection,
                key_id=made.id,
                tenant_id=caller.tenant_id,
                name=old.name,
                scopes=old.scopes,
                sha256=made.sha256,
                created_by=caller.actor,
                expires_ms=None if old.expires_ms is None else old.read_ms + old.expires_ms - old.created_ms,
            )
            audit.record(connection, caller, audit.Action.KEY_ROTATE, target=key_id)
            once.keep(connection, key.id)
        return key, made.text

    async def caller_of(self, text: str, *, request_id: str | None) -> tuple[Caller, Key]:
        """
        Whose key this is.

        Raises
        ------
        Unauthenticated
            It is none, or none that is valid any more. Only who holds the key is told which.
        """
        key_id = id_of(text)
        found = None if key_id is None else await self._known.find(key_id)
        if not is_key(text, found[1] if found else None) or found is None:
            raise refused("this key is not known here")
        self._closed.set()
        key, _ = found
        if not key.is_valid:
            raise refused("this key was revoked" if key.revoked_ms is not None else "this key has expired")
        scopes = frozenset(key.scopes)
        return Caller(tenant_id=key.tenant_id, actor=key.id, scopes=scopes, request_id=request_id), key

    def caller_without_key(self, *, is_nearby: bool, request_id: str | None) -> Caller:
        """
        Whoever sits at this machine, as long as there are no keys.

        Raises
        ------
        Unauthenticated
            It is somebody else, or there are keys, or everybody always needs one.
        """
        if not is_nearby or self.settings.auth == "keys" or self.is_any():
            raise refused("no key was sent", was_sent=False)
        return local(request_id)

    def is_any(self) -> bool:
        """Whether there has ever been a key, or somebody else says who calls."""
        if self.settings.oidc_issuer:
            return True
        if not self._closed.is_set() and glance(self.database, store.is_any):
            self._closed.set()
        return self._closed.is_set()

    def is_welcome(self, caller: Caller) -> bool:
        """Whether who was let in would be let in now."""
        if caller.actor == LOCAL:
            return not self.is_any()
        if caller.until_s is not None:
            return time.time() < caller.until_s
        with reading(self.database) as connection:
            key = store.find(connection, caller.actor, tenant_id=caller.tenant_id)
        return key is not None and key.is_valid

    def note_use(self, key: Key) -> None:
        """Keep roughly when a key was last used; that this fails is nobody's trouble."""
        try:
            with writing(self.database) as connection:
                store.note_use(connection, key.id)
        except sa.exc.SQLAlchemyError as error:
            log.warning("key_use_not_noted", key_id=key.id, error=type(error).__name__)

    def _find(self, connection: sa.Connection, caller: Caller, key_id: str) -> Key:
        key = store.find(connection, key_id, tenant_id=caller.tenant_id) if ID.fullmatch(key_id) else None
        if key is None:
            raise NotFound("there is no key with this id")
        return key


def refused(why: str, *, was_sent: bool = True) -> Unauthenticated:
    """Nobody is known to call; says why, and how to."""
    # RFC 6750: an error is named only to who sent a key.
    challenge = 'Bearer realm="evenfleet"' + (', error="invalid_token"' if was_sent else "")
    return Unauthenticated(f"{why}; {HOW}", headers={"WWW-Authenticate": challenge})


def _expired(expires_at: datetime | None) -> tuple[Finding, ...]:
    findings = Findings()
    findings.error(
        "expires_in_the_past",
        "this moment is over",
        source="request",
        where="/expires_at",
        value=str(expires_at),
        hint="a moment to come, with its offset from UTC",
    )
    return findings.errors
