"""Requests to the outside, over real connections: where they go, what they carry, and that they end."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from service.outward.allowed import Allowed
from service.outward.connector import Answer, Connector
from service.outward.errors import Unreachable

HERE = Path(__file__).parent / "certificates"
CERTIFICATE, KEY = HERE / "feed.example.pem", HERE / "feed.example.key.pem"


class Peer:
    """A server on loopback that answers each connection with what `say` sends, and remembers what it was sent."""

    def __init__(self, say: Callable[[socket.socket, bytes], None], *, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[bytes] = []
        self._say, self._tls = say, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with suppress(OSError), connection:
                connection.settimeout(5)
                talking = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
                with talking:
                    said = talking.recv(65_536)
                    self.heard.append(said)
                    self._say(talking, said)

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    started: list[Peer] = []

    def start(say: Callable[[socket.socket, bytes], None], **options: ssl.SSLContext) -> Peer:
        started.append(Peer(say, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def says(status: int = 200, body: bytes = b"", **headers: str) -> Callable[[socket.socket, bytes], None]:
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return lambda talking, _: talking.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def code_of(ask: Callable[[], Answer]) -> str:
    with pytest.raises(Unreachable) as caught:
        ask()
    return caught.value.code


LOCAL = Connector(allowed=Allowed.read("127.0.0.1"), total_s=5.0)


def test_a_name_that_answers_differently_the_second_time_is_asked_once(peer):
    """DNS rebinding: public when it is checked, inside when it is connected to."""
    inside = peer(says(body=b"secret"))
    answers = [["2f00::1"], ["127.0.0.1"], ["127.0.0.1"]]  # the first is public, and routed nowhere
    asked: list[str] = []

    def rebinding(host: str) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    connector = Connector(resolve=rebinding, total_s=1.0)
    assert code_of(lambda: connector.get(f"https://feed.example:{inside.port}/")) == "fetch_failed"
    assert asked == ["feed.example"]
    assert inside.heard == []


def test_the_connection_goes_to_the_checked_address_in_the_name_of_the_host(peer):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE, KEY)
    named: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: named.append(name)
    server = peer(says(body=b"hello"), tls=tls)
    connector = Connector(
        allowed=Allowed.read("feed.example, other.example"),
        resolve=lambda _: ["127.0.0.2", "127.0.0.1"],  # nobody is at the first
        certificates=ssl.create_default_context(cafile=str(CERTIFICATE)),
    )
    assert connector.get(f"https://feed.example:{server.port}/a?b=%20c").content == b"hello"
    assert named == ["feed.example"]
    first, *headers = server.heard[0].decode().split("\r\n")
    assert first == "GET /a?b=%20c HTTP/1.1"
    assert f"Host: feed.example:{server.port}" in headers
    # The certificate has to be that of the host, whatever the address.
    assert code_of(lambda: connector.get(f"https://other.example:{server.port}/")) == "fetch_failed"
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("https://127.0.0.1:{port}/", "address_inside"),
        ("http://127.0.0.1:{port}/", "address_scheme"),
        ("https://[::ffff:127.0.0.1]:{port}/", "address_inside"),
        ("https://2130706433:{port}/", "address_inside"),
        ("https://me@feed.example/", "address_userinfo"),
        ("file:///etc/passwd", "address_scheme"),
        ("http://[", "address_malformed"),
    ],
)
def test_a_redirect_is_checked_like_the_first_address(peer, target, code):
    inside = peer(says(body=b"secret"))
    outside = peer(says(302, Location=target.format(port=inside.port)))
    connector = Connector(allowed=Allowed.read(f"127.0.0.1:{outside.port}"))
    assert code_of(lambda: connector.get(f"http://127.0.0.1:{outside.port}/")) == code
    assert inside.heard == []


def test_three_redirects_are_followed_and_not_four(peer):
    def step(talking: socket.socket, said: bytes) -> None:
        number = int(said.split()[1][1:])
        (says(307, Location=f"/{number - 1}") if number else says(body=b"there"))(talking, said)

    server = peer(step)
    assert LOCAL.get(f"http://127.0.0.1:{server.port}/3").content == b"there"
    assert len(server.heard) == 4
    assert code_of(lambda: LOCAL.get(f"http://127.0.0.1:{server.port}/4")) == "redirected_too_often"
    assert len(server.heard) == 8


def test_what_is_posted_is_not_sent_on(peer):
    inside = peer(says())
    server = peer(says(307, Location=f"http://127.0.0.1:{inside.port}/"))
    answer = LOCAL.post(f"http://127.0.0.1:{server.port}/hook", b"{}", headers={"X-Own": "yes"})
    assert (answer.status, answer.content) == (307, b"")
    assert b"x-own: yes" in server.heard[0].lower()
    assert inside.heard == []


MEGABYTE = b"\0" * 1_000_000


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (b"x" * 2_000_001, "identity", "file_too_large"),
        (gzip.compress(MEGABYTE + b"x" * 1_000_001, mtime=0), "gzip", "file_too_large"),
        (gzip.compress(gzip.compress(MEGABYTE, mtime=0), mtime=0), "gzip, gzip", "fetch_failed"),
        (gzip.compress(b"hello" * 99, mtime=0)[:-9], "gzip", "fetch_failed"),
        (b"hello", "gzip", "fetch_failed"),
        (b"hello", "br", "fetch_failed"),
    ],
)
def test_content_is_counted_after_it_is_inflated(peer, body, encoding, code):
    server = peer(says(body=body, Content_Encoding=encoding))
    connector = Connector(allowed=LOCAL.allowed, max_bytes=2_000_000)
    assert code_of(lambda: connector.get(f"http://127.0.0.1:{server.port}/")) == code


def test_a_bomb_is_put_down_long_before_the_cap(peer):
    bomb = gzip.compress(MEGABYTE * 40)
    assert len(bomb) < 50_000
    server = peer(says(body=bomb, Content_Encoding="gzip"))
    assert code_of(lambda: LOCAL.get(f"http://127.0.0.1:{server.port}/")) == "file_too_large"


def test_what_is_packed_in_one_layer_or_several_members_is_read(peer):
    body = gzip.compress(b"one ") + gzip.compress(b"two " * 200_000)
    server = peer(says(body=body, Content_Encoding="gzip"))
    assert LOCAL.get(f"http://127.0.0.1:{server.port}/").content == b"one " + b"two " * 200_000


@pytest.mark.parametrize("before", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b""])
def test_a_trickle_of_bytes_ends_at_the_deadline(peer, before):
    def trickle(talking: socket.socket, _: bytes) -> None:
        talking.sendall(before)
        for _ in range(30):
            time.sleep(0.1)
            talking.sendall(b"x")

    server = peer(trickle)
    begun_s = time.monotonic()
    connector = Connector(allowed=LOCAL.allowed, total_s=0.5)
    with pytest.raises(Unreachable, match=r"takes longer|in time"):
        connector.get(f"http://127.0.0.1:{server.port}/")
    assert time.monotonic() - begun_s < 2.0


def test_a_look_up_that_hangs_ends_at_the_deadline():
    connector = Connector(resolve=lambda _: time.sleep(5) or [], total_s=0.2)
    begun_s = time.monotonic()
    with pytest.raises(Unreachable, match="takes longer"):
        connector.check("https://feed.example/")
    assert time.monotonic() - begun_s < 2.0


def test_no_proxy_is_asked(peer, monkeypatch):
    proxy, server = peer(says(body=b"proxied")), peer(says(body=b"direct"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert httpx.get(f"http://127.0.0.1:{server.port}/").text == "proxied"
    assert LOCAL.get(f"http://127.0.0.1:{server.port}/").content == b"direct"
    assert proxy.heard == [proxy.heard[0]]
