"""Tokens of an identity provider (OpenID Connect) instead of keys: who calls is what the issuer has signed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import jwt

from scenarios.schema_fields import CONTROL_CHARACTERS
from service.access.caller import DEFAULT_TENANT, TENANT, Caller
from service.access.issuer import ALGORITHMS, Issuer
from service.access.scopes import WORDS, Scope, read_scopes
from service.access.service import refused
from service.outward.connector import Connector
from service.settings import Settings

MAX_BYTES = 8_192
LEEWAY_S = 30
MAX_SUBJECT = 200
TYPES = ("", "jwt", "at+jwt", "application/at+jwt")
SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)


def tokens_of(settings: Settings, connector: Connector) -> Tokens | None:
    """What the settings say about tokens; None where they are not accepted."""
    return Tokens(settings, Issuer(settings.oidc_jwks, connector)) if settings.oidc_issuer else None


def is_token(text: str) -> bool:
    """Whether it has the form of a token."""
    return SHAPE.fullmatch(text) is not None


class Tokens:
    """Tokens of one issuer for one audience."""

    def __init__(self, settings: Settings, issuer: Issuer) -> None:
        self.settings, self.issuer = settings, issuer

    def caller_of(self, text: str, *, request_id: str | None) -> Caller:
        """
        Who sent this token.

        Raises
        ------
        Unauthenticated
            It was not signed by the issuer, not for us, or does not hold now.
        Unavailable
            The keys of the issuer cannot be had.
        """
        claims = self._claims(text)
        subject = claims["sub"]
        if not 0 < len(subject) <= MAX_SUBJECT or CONTROL_CHARACTERS.search(subject):
            raise refused("the subject of this token is no name")
        return Caller(
            tenant_id=self._tenant(claims),
            actor=f"oidc:{subject}",
            scopes=frozenset(_scopes(claims.get(self.settings.oidc_scope_claim))),
            request_id=request_id,
            until_s=float(claims["exp"]) + LEEWAY_S,
        )

    def _claims(self, text: str) -> dict[str, Any]:
        if len(text) > MAX_BYTES:
            raise refused(f"a token is {MAX_BYTES} bytes at most")
        try:
            header = jwt.get_unverified_header(text)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise refused("this is no token") from None
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise refused(f"tokens are signed by one of {', '.join(ALGORITHMS)}")
        if "crit" in header or str(header.get("typ", "")).lower() not in TYPES:
            raise refused("this is no token for access")
        if not isinstance(key_id, str | None):
            raise refused("this is no token")
        verifier = self.issuer.find(key_id)
        if verifier is None or algorithm not in verifier.algorithms:
            raise refused("this token was signed with a key that is not known here")
        try:
            return jwt.decode(
                text,
                verifier.key,
                algorithms=[algorithm],
                audience=self.settings.oidc_audience,
                issuer=self.settings.oidc_issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise refused("this token has expired") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
            raise refused("this token is not valid here") from None

    def _tenant(self, claims: Mapping[str, Any]) -> str:
        name = self.settings.oidc_tenant_claim
        if not name:
            return DEFAULT_TENANT
        tenant = claims.get(name)
        if not isinstance(tenant, str) or not re.fullmatch(TENANT, tenant, re.ASCII):
            raise refused(f"this token names no tenant in its claim {name}")
        return tenant


def _scopes(told: object) -> Iterable[Scope]:
    """Those of ours in a claim, which is a text with blanks (RFC 8693) or a list; others are not for us."""
    words = told.split() if isinstance(told, str) else told if isinstance(told, list) else ()
    return read_scopes(word for word in words if isinstance(word, str) and word in WORDS)
