"""Tokens of an identity provider: real signatures, a real server of keys, and those who have no business here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from pydantic import ValidationError

from service.access.issuer import PAUSE_S, STALE_S, Issuer
from service.app import create_app, prepare_storage
from service.errors import Unavailable
from service.outward.allowed import Allowed
from service.outward.connector import Connector
from service.settings import Settings
from tests.service.clients import local_client

ISSUER, AUDIENCE = "https://id.example", "evenfleet"
RSA_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
PRIVATE: dict[str, tuple[str, Any]] = {"r": ("RS256", RSA_KEY), "e": ("ES256", EC_KEY), "d": ("EdDSA", ED_KEY)}


def public(name: str, **more: Any) -> dict[str, Any]:
    algorithm, key = PRIVATE[name]
    document = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    return {**document, "kid": name, "use": "sig", **more}


class KeyServer:
    """Serves a set of keys on loopback and counts who asks."""

    def __init__(self) -> None:
        self.keys, self.asked, self.status = [public("r"), public("e")], 0, 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                body = json.dumps({"keys": outer.keys}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/jwks"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def server() -> Iterator[KeyServer]:
    made = KeyServer()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def client(server: KeyServer, tmp_path: Path) -> TestClient:
    return opened(
        tmp_path,
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_jwks=server.url,
        oidc_tenant_claim="tenant",
        allow_hosts=server.host,
    )


def opened(folder: Path, **settings: Any) -> TestClient:
    made = Settings(data_dir=folder, **settings)
    prepare_storage(made)
    return local_client(create_app(made))


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "iat": now,
        "exp": now + 300,
        "tenant": "a",
        "scope": "openid plans:read plans:write admin",
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None}


def signed(payload: dict[str, Any] | None = None, *, by: str = "r", **header: Any) -> str:
    algorithm, key = PRIVATE[by]
    return jwt.encode(payload or claims(), key, algorithm=algorithm, headers={"kid": by, **header})


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def answer(client: TestClient, token: str, path: str = "/v1/rebalancing-plans") -> Any:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def test_who_the_issuer_has_signed_for_is_let_in_with_tenant_scopes_and_name(client: TestClient):
    for by in ("r", "e"):
        assert answer(client, signed(by=by)).status_code == 200
    assert answer(client, signed(claims(aud=["other", AUDIENCE], scope=["plans:*"]))).status_code == 200
    # Scopes are the token's, and no more.
    reader = signed(claims(scope="plans:read unknown:word", sub="auth0|bob&x=1"))
    assert answer(client, reader).status_code == 200
    refused = answer(client, reader, "/v1/api-keys")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert answer(client, signed(claims(scope=None))).status_code == 403
    assert answer(client, signed(claims(scope={"plans:read": 1}))).status_code == 403
    # What is done is done in its name, in its tenant.
    headers = {"Authorization": f"Bearer {signed()}"}
    made = client.post("/v1/api-keys", json={"name": "k", "scopes": ["plans:read"]}, headers=headers)
    assert made.status_code == 201, made.text
    events = client.get("/v1/audit-events", params={"actor": "oidc:alice"}, headers=headers).json()["items"]
    assert [(event["action"], event["target"]) for event in events] == [("key.create", made.json()["id"])]
    odd = client.get("/v1/audit-events", params={"actor": "oidc:auth0|bob&x=1", "limit": 1}, headers=headers)
    assert odd.status_code == 200
    other = {"Authorization": f"Bearer {signed(claims(tenant='b'))}"}
    assert client.get(f"/v1/api-keys/{made.json()['id']}", headers=other).status_code == 404
    # Keys go on beside tokens; without either nobody is let in, though no key had to be there.
    assert answer(client, made.json()["key"]).status_code == 200
    assert client.get("/v1/rebalancing-plans").status_code == 401


def forged() -> dict[str, str]:
    """Tokens that must open nothing, by what is wrong with them."""
    now = int(time.time())
    pem = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = b64(json.dumps(claims()).encode())

    def with_header(**header: Any) -> str:
        return f"{b64(json.dumps(header).encode())}.{body}"

    by_public_key = with_header(alg="HS256", kid="r", typ="JWT")
    mac = b64(hmac.new(pem, by_public_key.encode(), hashlib.sha256).digest())
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    good = signed()
    head, _, signature = good.split(".")
    return {
        "no algorithm": f"{with_header(alg='none', kid='r')}.",
        "no algorithm, in capitals": f"{with_header(alg='NONE', kid='r')}.",
        "signed with the public key": f"{by_public_key}.{mac}",
        "another algorithm for the same key": jwt.encode(claims(), EC_KEY, algorithm="ES256", headers={"kid": "r"}),
        "a stranger's key": jwt.encode(claims(), stranger, algorithm="RS256", headers={"kid": "r"}),
        "a key of the token's own": jwt.encode(
            claims(), ED_KEY, algorithm="EdDSA", headers={"kid": "d", "jwk": public("d"), "jku": "https://evil.example"}
        ),
        "other claims": f"{head}.{b64(json.dumps(claims(tenant='b')).encode())}.{signature}",
        "no signature": f"{head}.{body}.",
        "cut": good[:-4],
        "another issuer": signed(claims(iss="https://id.example.evil")),
        "another audience": signed(claims(aud="other")),
        "no audience": signed(claims(aud=None)),
        "no end": signed(claims(exp=None)),
        "no subject": signed(claims(sub=None)),
        "a subject that is no name": signed(claims(sub="a\u202eb")),
        "a long subject": signed(claims(sub="a" * 201)),
        "expired": signed(claims(exp=now - 60)),
        "not yet": signed(claims(nbf=now + 120)),
        "made in the future": signed(claims(iat=now + 120)),
        "an end without end": signed(claims(exp=float("inf"))),
        "no tenant": signed(claims(tenant=None)),
        "a tenant that is none": signed(claims(tenant="../a")),
        "two tenants": signed(claims(tenant=["a", "b"])),
        "no name of a key, of two": jwt.encode(claims(), RSA_KEY, algorithm="RS256"),
        "a name that is none": f"{with_header(alg='RS256', kid=7)}.AAAA",
        "critical": signed(crit=["x"], x=1),
        "a token for something else": signed(typ="logout+jwt"),
        "too long": signed(claims(more="x" * 9_000)),
        "a deep header": f"{b64(b'[' * 6_000)}.{body}.AAAA",
        "no JSON": f"{b64(b'{')}.{body}.AAAA",
    }


def test_what_the_issuer_has_not_signed_for_us_and_now_opens_nothing(client: TestClient):
    for what, token in forged().items():
        refused = answer(client, token)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated"), what
        assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"], what


def test_a_little_difference_of_clocks_is_borne(client: TestClient):
    now = int(time.time())
    assert answer(client, signed(claims(exp=now - 5))).status_code == 200
    assert answer(client, signed(claims(nbf=now + 5))).status_code == 200


def test_a_flood_of_unknown_keys_asks_the_issuer_once(client: TestClient, server: KeyServer):
    for number in range(50):
        assert answer(client, signed(kid=f"unknown-{number}")).status_code == 401
    assert server.asked == 1
    assert answer(client, signed()).status_code == 200
    assert server.asked == 1


def test_keys_are_changed_over_and_hold_while_the_issuer_is_silent(server: KeyServer):
    now = [0.0]
    issuer = Issuer(server.url, Connector(allowed=Allowed.read(server.host)), clock=lambda: now[0])
    assert issuer.find("r") is not None
    assert issuer.find("d") is None
    server.keys = [public("d")]
    assert issuer.find("d") is None
    now[0] += PAUSE_S + 1
    assert issuer.find("d") is not None
    # What the issuer has taken back is gone.
    assert issuer.find("r") is None
    server.status = 500
    now[0] += STALE_S - 2
    assert issuer.find("d") is not None
    now[0] += PAUSE_S + 1
    with pytest.raises(Unavailable):
        issuer.find("d")
    server.status = 200
    now[0] += PAUSE_S + 1
    assert issuer.find("d") is not None


def test_only_public_keys_for_signatures_are_taken(tmp_path: Path):
    weak = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)
    rsa_jwk = jwt.get_algorithm_by_name("RS256").to_jwk
    listed = [
        public("r", alg="RS256"),
        {**public("e"), "use": "enc"},
        {"kty": "oct", "kid": "shared", "k": b64(b"secret" * 8)},
        {**rsa_jwk(weak.public_key(), as_dict=True), "kid": "weak"},
        {**rsa_jwk(RSA_KEY, as_dict=True), "kid": "private"},
        "no key",
    ]
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": listed}))
    issuer = Issuer(str(tmp_path / "jwks.json"), Connector())
    assert [kid for kid in ("r", "e", "shared", "weak", "private") if issuer.find(kid)] == ["r"]
    found = issuer.find(None)
    assert found is not None
    assert found.algorithms == ("RS256",)


def test_the_issuers_address_is_held_to_the_rules_for_addresses_outside(server: KeyServer, tmp_path: Path):
    settings = {"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "oidc_jwks": server.url}
    refused = answer(opened(tmp_path, **settings), signed())
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused.headers["Retry-After"]
    assert server.asked == 0


def test_a_file_of_keys_and_one_tenant_are_enough_and_half_of_the_settings_is_not(tmp_path: Path):
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [public("d")]}))
    client = opened(
        tmp_path, oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=str(tmp_path / "jwks.json"),
        oidc_scope_claim="roles",
    )  # fmt: skip
    assert answer(client, signed(claims(roles=["plans:read"], tenant=None), by="d")).status_code == 200
    assert answer(client, signed(claims(scope="plans:read"), by="d")).status_code == 403
    for half in ({"oidc_audience": AUDIENCE}, {"oidc_jwks": "jwks.json"}):
        with pytest.raises(ValidationError, match="EVENFLEET_OIDC"):
            Settings(oidc_issuer=ISSUER, **half)
    # Where no issuer is set a token is no key.
    assert answer(opened(tmp_path / "other"), signed(by="d")).status_code == 401
