"""Who sent a request, as far as the rest of the service cares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.access.scopes import Scope

DEFAULT_TENANT = "default"
"""Whose everything is while there are no keys."""

TENANT = r"[a-z0-9][a-z0-9._-]{0,62}"
"""Form of the name of a tenant."""

LOCAL, COMMAND_LINE = "local", "cli"
"""Who acts without a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """For whom something is done, who does it, and what they may do."""

    tenant_id: str
    actor: str
    """Id of the key; `local` without one on this machine while there are none; `cli`; `oidc:` and a token's subject."""
    scopes: frozenset[Scope]
    request_id: str | None = None
    until_s: float | None = None
    """When a token ends, in seconds since 1970; None for others, which are looked up."""

    def may(self, one_of: Iterable[str]) -> bool:
        """Whether one of these scopes is among the caller's."""
        return Scope.ADMIN in self.scopes or any(scope in self.scopes for scope in one_of)


def local(request_id: str | None = None) -> Caller:
    """Whoever sits at this machine, while there are no keys."""
    return Caller(tenant_id=DEFAULT_TENANT, actor=LOCAL, scopes=frozenset(Scope), request_id=request_id)
