"""What a key may do, in words; every route names the one it needs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from optimiser.basics.errors import EvenfleetError


class Scope(StrEnum):
    """One thing that a key may do within its tenant."""

    PLANS_READ = "plans:read"
    PLANS_WRITE = "plans:write"
    PLANS_PUBLISH = "plans:publish"
    ROUTES_EXECUTE = "routes:execute"
    STUDIES_READ = "studies:read"
    STUDIES_WRITE = "studies:write"
    CITIES_WRITE = "cities:write"
    ADMIN = "admin"
    """Keys and audit events; and, as who makes keys can make any, everything else."""


WHOLE = {
    "plans:*": (Scope.PLANS_READ, Scope.PLANS_WRITE, Scope.PLANS_PUBLISH),
    "studies:*": (Scope.STUDIES_READ, Scope.STUDIES_WRITE),
}
"""Words for several scopes at once."""

WORDS = (*Scope, *WHOLE)


class UnknownScope(EvenfleetError):
    """There is no such scope."""


def read_scopes(words: Iterable[str]) -> tuple[Scope, ...]:
    """
    The scopes meant, each once, in the order of `Scope`.

    Raises
    ------
    UnknownScope
        Names the first word that is none, and all that are.
    """
    meant: set[Scope] = set()
    for word in words:
        if word not in WORDS:
            raise UnknownScope(f"there is no scope {word[:40]}; there are {', '.join(WORDS)}")
        meant.update(WHOLE.get(word) or (Scope(word),))
    return tuple(scope for scope in Scope if scope in meant)
