"""
The public keys of an issuer of tokens: read once, kept, and asked for again when a token names one that is not there.

Strangers can name any key, so that is done at most once a minute, by one request at a time. While the issuer does not
answer, the keys that are known hold for a day.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from service.errors import Unavailable
from service.outward.connector import Connector
from service.outward.errors import Unreachable

log = structlog.get_logger()

FRESH_S, PAUSE_S, STALE_S = 3_600.0, 60.0, 86_400.0
MAX_KEYS = 100
MIN_RSA_BITS = 2_048

CURVES = {"P-256": ("ES256",), "P-384": ("ES384",), "Ed25519": ("EdDSA",)}
RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
ALGORITHMS = (*RSA, *(name for names in CURVES.values() for name in names))
"""Of signatures that only the issuer can make; never `none`, never one by a shared secret."""


class Verifier:
    """One public key and the algorithms it may be used with."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Raises jwt.PyJWTError, or ValueError, for what is no key to verify signatures with."""
        kind = document.get("kty")
        if kind == "RSA":
            self.algorithms: tuple[str, ...] = RSA
        else:
            self.algorithms = CURVES[str(document.get("crv"))] if kind in ("EC", "OKP") else ()
        if (named := document.get("alg")) is not None:
            self.algorithms = tuple(name for name in self.algorithms if name == named)
        if not self.algorithms or document.get("use", "sig") != "sig" or "d" in document:
            raise ValueError("it is no public key for signatures")
        self.key: Any = jwt.PyJWK(dict(document), algorithm=self.algorithms[0]).key
        if isinstance(self.key, RSAPublicKey) and self.key.key_size < MIN_RSA_BITS:
            raise ValueError(f"an RSA key has {MIN_RSA_BITS} bits at least")


class Issuer:
    """The keys of one issuer, from a file or an address."""

    def __init__(self, source: str, connector: Connector, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._connector, self._clock = source, connector, clock
        self._keys: dict[str | None, Verifier] = {}
        self._read_s = self._asked_s = -float("inf")
        self._lock = threading.Lock()

    def find(self, key_id: str | None) -> Verifier | None:
        """
        The key of this name; without a name, the only one that there is.

        Raises
        ------
        Unavailable
            There are no keys, and none can be had.
        """
        with self._lock:
            age_s = self._clock() - self._read_s
            if (age_s > FRESH_S or self._named(key_id) is None) and self._clock() - self._asked_s > PAUSE_S:
                self._ask()
            if self._clock() - self._read_s > STALE_S:
                wait = {"Retry-After": str(round(PAUSE_S))}
                raise Unavailable("the keys of the issuer of tokens cannot be had", headers=wait)
            return self._named(key_id)

    def _named(self, key_id: str | None) -> Verifier | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _ask(self) -> None:
        self._asked_s = self._clock()
        try:
            self._keys = read_keys(self._fetch())
            self._read_s = self._clock()
        except (OSError, ValueError, Unreachable) as error:
            log.warning("issuer_keys_not_read", error=type(error).__name__, detail=str(error)[:200])

    def _fetch(self) -> bytes:
        if "://" not in self._source:
            return Path(self._source).read_bytes()
        answer = self._connector.get(self._source, accept="application/jwk-set+json, application/json")
        if not answer.is_ok:
            raise ValueError(f"the answer is {answer.status}")
        return answer.content


def read_keys(content: bytes) -> dict[str | None, Verifier]:
    """
    The keys of a JSON Web Key Set (RFC 7517) by name; those that cannot verify what we accept are left out.

    Raises
    ------
    ValueError
        It is none, or holds no such key.
    """
    document = json.loads(content)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise ValueError(f"no set of at most {MAX_KEYS} keys")
    found: dict[str | None, Verifier] = {}
    for each in listed:
        try:
            found[each.get("kid")] = Verifier(each)
        except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.info("issuer_key_left_out", error=type(error).__name__)
    if not found:
        raise ValueError("no key in it can be used")
    return found
