"""Street files that mean harm are refused before anything is built from them."""

from __future__ import annotations

import bz2
import gzip
import resource
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.network.osm_limits import MAX_TAG_BYTES, excess_of
from optimiser.network.profiles import DRIVE
from optimiser.network.streets import open_streets
from scenarios.siting.files.osm_sites import read_osm_sites
from tests.fuzz.maps import blob, blobs_of, varint
from tests.fuzz.seeds import streets

HEAD = b'<?xml version="1.0"?>\n<osm version="0.6">\n'
LAUGHS = b'<!ENTITY l0 "lol">' + b"".join(
    b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10) for number in range(1, 10)
)
GOOD = streets(".osm.pbf")["streets.osm.pbf"]
KINDS = dict(blobs_of(GOOD))


def header(kind: bytes, size: int) -> bytes:
    inner = b"\x0a" + varint(len(kind)) + kind + b"\x18" + varint(size)
    return struct.pack(">I", len(inner)) + inner


def bomb() -> bytes:
    """A blob of zeros: three kilobytes that become thirty-two million, three times over."""
    return blob(b"OSMHeader", KINDS[b"OSMHeader"]) + blob(b"OSMData", bytes(33_000_000)) * 3


HARMFUL = {
    "claims 2 GB": ("a.osm.pbf", GOOD + header(b"OSMData", 2**31 - 1), "a blob of 2,147,483,647 bytes"),
    "claims 2 GB unpacked": ("a.osm.pbf", blob(b"OSMHeader", b"x", said=2**31 - 1), "when unpacked"),
    "header of 64 KiB and one": ("a.osm.pbf", struct.pack(">I", 65_537) + bytes(65_537), "header of 65,537 bytes"),
    "blob of 32 MiB and one": ("a.osm.pbf", GOOD + header(b"OSMData", 2**25 + 1), "a blob of 33,554,433 bytes"),
    "torn in a blob": ("a.osm.pbf", GOOD[:-5], "torn"),
    "torn in a length": ("a.osm.pbf", GOOD + b"\0\0", "torn"),
    "torn in a header": ("a.osm.pbf", GOOD + struct.pack(">I", 40) + b"\x0a", "torn"),
    "key without an end": ("a.osm.pbf", struct.pack(">I", 12) + b"\xff" * 12 + GOOD, "torn"),
    "zeros": ("a.osm.pbf", bomb, "grows more than 100 times"),
    "laughs": ("a.osm", HEAD.replace(b"<osm", b"<!DOCTYPE osm [" + LAUGHS + b"]><osm") + b"</osm>", "document type"),
    "another file": ("a.osm", b'<!DOCTYPE osm SYSTEM "file:///etc/passwd">' + HEAD[22:] + b"</osm>", "document type"),
    "laughs in GraphML": ("a.graphml", b"<!DOCTYPE g [" + LAUGHS + b"]><graphml>&l9;</graphml>", "document type"),
    "UTF-16": ("a.osm", (HEAD + b"</osm>").decode().encode("utf-16"), "UTF-8"),
    "gzip of zeros": (
        "a.osm.gz",
        lambda: gzip.compress(HEAD + b"<!-- -->" * 5_000_000, 6),
        "grows more than 100 times",
    ),
    "bzip2 of zeros": ("a.osm.bz2", lambda: bz2.compress(HEAD + b"<!-- -->" * 5_000_000), "grows more than 100 times"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harm_is_refused_with_its_place_soon_and_in_little_memory(tmp_path: Path, name: str):
    file, content, says = HARMFUL[name]
    refuses_soon(tmp_path / file, content if isinstance(content, bytes) else content(), says)


def refuses_soon(path: Path, content: bytes, says: str) -> None:
    path.write_bytes(content)
    began_s, before_kb = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidInput) as refused:
        open_streets(path, profile=DRIVE)
    [finding] = refused.value.findings
    assert says in finding.message
    assert finding.where.startswith("byte ")
    findings = Findings()
    assert read_osm_sites(path, findings).found == ()
    assert path.suffix == ".graphml" or [item.code for item in findings.errors] == ["streets_unreadable"]
    assert time.process_time() - began_s < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 100_000


def test_ten_million_attributes_cost_nothing(tmp_path: Path):
    def attributes() -> Iterator[bytes]:
        yield HEAD + b"<node"
        for first in range(0, 10_000_000, 100_000):
            yield b"".join(b' a%d=">"' % number for number in range(first, first + 100_000))
        yield b"/></osm>"

    path = tmp_path / "a.osm"
    with path.open("wb") as file:
        file.writelines(attributes())
    assert path.stat().st_size > 100_000_000
    began_s = time.process_time()
    excess = excess_of(path)
    assert excess is not None
    assert "tag of more than 65,536 bytes" in excess.what
    assert time.process_time() - began_s < 2


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".graphml"])
def test_good_files_are_within_the_limits(tmp_path: Path, ending: str):
    [(name, content)] = streets(ending).items()
    (tmp_path / name).write_bytes(content)
    assert excess_of(tmp_path / name) is None


def test_a_tag_may_be_just_so_long(tmp_path: Path):
    start, end = b"<osm><node a='", b"'/></osm>"
    for size, is_over in ((MAX_TAG_BYTES - 1, False), (MAX_TAG_BYTES + 1, True)):
        inner = b"x" * (size - len(b"<node a=''/>"))
        (tmp_path / "a.osm").write_bytes(start + inner + end)
        assert (excess_of(tmp_path / "a.osm") is not None) == is_over
