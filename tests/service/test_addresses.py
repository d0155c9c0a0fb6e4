"""Which addresses are inside, however they are spelt; against the registries as the standard library has them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.outward.addresses import INSIDE_4, INSIDE_6, is_public, spelt_address
from service.outward.allowed import Allowed
from service.outward.connector import Connector
from service.outward.errors import Unreachable

SPELLINGS = {
    "dotted": str,
    "decimal": lambda ip: str(int(ip)),
    "hexadecimal": lambda ip: hex(int(ip)),
    "capitals": lambda ip: f"0X{int(ip):08X}",
    "octal": lambda ip: f"0{int(ip):o}",
    "octal parts": lambda ip: ".".join(f"0{part:o}" for part in ip.packed),
    "long octal parts": lambda ip: ".".join(f"{part:012o}" for part in ip.packed),
    "hexadecimal parts": lambda ip: ".".join(hex(part) for part in ip.packed),
    "two parts": lambda ip: f"{ip.packed[0]}.{int(ip) & 0xFFFFFF}",
    "three parts": lambda ip: f"{ip.packed[0]}.{ip.packed[1]}.{int(ip) & 0xFFFF}",
    "mapped": lambda ip: f"[::ffff:{ip}]",
    "mapped in hexadecimal": lambda ip: f"[::FFFF:{int(ip) >> 16:x}:{int(ip) & 0xFFFF:x}]",
    "mapped in full": lambda ip: f"[{IPv6Address(0xFFFF << 32 | int(ip)).exploded}]",
    "NAT64": lambda ip: f"[64:ff9b::{ip}]",
}
TUNNELS = {
    "6to4": lambda ip: f"[2002:{int(ip) >> 16:x}:{int(ip) & 0xFFFF:x}::1]",
    "compatible": lambda ip: f"[::{ip}]",
    "local NAT64": lambda ip: f"[64:ff9b:1::{ip}]",
    "translated": lambda ip: f"[::ffff:0:{ip}]",
    "Teredo": lambda ip: f"[2001:0:{int(ip) >> 16:x}:{int(ip) & 0xFFFF:x}::1]",
}

inside = st.sampled_from(INSIDE_4).flatmap(
    lambda network: st.integers(int(network[0]), int(network[-1])).map(IPv4Address)
)
any_address = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address)


def never(host: str) -> list[str]:
    raise AssertionError(f"{host} was looked up")


def refusal(url: str, *answers: str) -> str:
    with pytest.raises(Unreachable) as caught:
        Connector(resolve=(lambda _: answers) if answers else never).check(url)
    return caught.value.code


@given(address=inside, spelling=st.sampled_from(sorted(SPELLINGS | TUNNELS)), port=st.integers(1, 65535))
def test_an_inside_address_is_refused_however_it_is_spelt(address, spelling, port):
    host = (SPELLINGS | TUNNELS)[spelling](address)
    # Octal in four parts is no address at all to the reader of addresses.
    assert refusal(f"https://{host}:{port}/hook") in ("address_inside", "address_malformed")


@given(address=any_address, spelling=st.sampled_from(sorted(SPELLINGS)))
def test_every_spelling_is_read_as_the_address_it_means(address, spelling):
    if isinstance(address, IPv4Address):
        read = spelt_address(SPELLINGS[spelling](address).strip("[]"))
        assert read is not None
        assert is_public(read) == is_public(address)
    assert spelt_address(str(address)) == address


@given(any_address)
def test_what_is_public_is_global_in_the_registries(address):
    if is_public(address):
        carried = IPv4Address(int(address) & 0xFFFFFFFF) if str(address).startswith("64:ff9b::") else address
        carried = getattr(carried, "ipv4_mapped", None) or carried
        assert carried.is_global
        assert not carried.is_multicast


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_nothing_else_of_ipv4_is_refused(address):
    # Refused beyond the library's list: relays of 6to4, and all of 192.0.0.0/24, of which it takes some for global.
    ours = (IPv4Network("192.88.99.0/24"), IPv4Network("192.0.0.0/24"))
    if address.is_global and not address.is_multicast and not any(address in network for network in ours):
        assert is_public(address)


@pytest.mark.parametrize("address", ["fe80::1", "fc00::1", "fd12:3456::1", "::1", "::", "ff02::1", "fec0::1", "100::1"])
def test_inside_addresses_of_ipv6(address):
    assert refusal(f"https://[{address}]/") == "address_inside"
    assert refusal("https://feed.example/", address) == "address_inside"
    assert refusal("https://feed.example/", "2606:4700::1111", address) == "address_inside"


@pytest.mark.parametrize("network", INSIDE_4 + INSIDE_6)
def test_the_first_and_the_last_address_of_each_block_is_inside_and_one_such_answer_refuses_the_name(network):
    for address in (str(network[0]), str(network[-1])):
        assert refusal("https://feed.example/", "8.8.8.8", address, "1.1.1.1") == "address_inside"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://feed.example/", "address_scheme"),
        ("file:///etc/passwd", "address_scheme"),
        ("gopher://feed.example/", "address_scheme"),
        ("//feed.example/", "address_scheme"),
        ("https://me:secret@feed.example/", "address_userinfo"),
        ("https://127.0.0.1\\@feed.example/", "address_userinfo"),
        ("https://", "address_malformed"),
        ("https://[", "address_malformed"),
        ("https://feed.example:0/", "address_malformed"),
        ("https://feed.example:99999/", "address_malformed"),
        ("https://a b/", "address_malformed"),
        ("https://127%2e0.0.1/", "address_malformed"),
        ("https://exa\tmple.com/", "address_malformed"),
        ("https://１２７.0.0.1/", "address_malformed"),
        ("https://127。0。0。1/", "address_inside"),
        ("https://[::1%25lo]/", "address_inside"),
        ("https://[2606:4700::1111%25eth0]/", "address_inside"),
    ],
)
def test_what_is_refused_before_anything_is_looked_up(url, code):
    assert refusal(url) == code


def test_public_names_and_addresses_may_be_reached():
    Connector(resolve=lambda _: ["8.8.8.8", "2606:4700::1111"]).check("https://feed.example/")
    for spelling in (spelling for name, spelling in SPELLINGS.items() if "octal parts" not in name):
        Connector(resolve=never).check(f"https://{spelling(ip_address('8.8.8.8'))}/")


def test_what_the_operator_allows_may_be_inside_and_by_http():
    allowed = Allowed.read("Feed.Intern, 10.0.0.7:8080,[::1]:80")
    connector = Connector(allowed=allowed, resolve=lambda _: ["10.1.2.3"])
    for url in ("http://feed.intern:9/", "https://FEED.intern./", "http://10.0.0.7:8080/", "http://[::1]/"):
        connector.check(url)
    for url, code in (
        ("http://10.0.0.7/", "address_scheme"),
        ("https://10.0.0.7/", "address_inside"),
        ("https://other.intern/", "address_inside"),
        ("https://x.feed.intern/", "address_inside"),
    ):
        with pytest.raises(Unreachable) as caught:
            connector.check(url)
        assert caught.value.code == code, url


@pytest.mark.parametrize(
    "text", ["http://feed.intern", "a b", "feed.intern/x", "me@feed.intern", "feed.intern:x", ":80"]
)
def test_an_entry_that_is_no_host_is_told(text):
    with pytest.raises(ValueError, match="is not a host"):
        Allowed.read(f"good.intern,{text}")
