"""The zip file of a city: what is written, and everything that is refused."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.findings import Findings
from service.cities.archive import unpack, version_of


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def codes(archive: Path, folder: Path, max_bytes: int = 10_000_000) -> list[str]:
    findings = Findings()
    unpack(archive, folder, max_bytes=max_bytes, findings=findings)
    return [finding.code for finding in findings.errors]


@pytest.mark.parametrize("top", ["", "mycity/"])
def test_files_are_written_and_a_folder_around_them_is_taken_off(tmp_path: Path, top: str):
    archive = pack(tmp_path / "a.zip", {f"{top}city.toml": b"id = 'a'", f"{top}cars/cars.csv": b"car_id\n"})
    assert codes(archive, tmp_path / "city") == []
    assert (tmp_path / "city" / "city.toml").read_bytes() == b"id = 'a'"
    assert (tmp_path / "city" / "cars" / "cars.csv").read_bytes() == b"car_id\n"


@pytest.mark.parametrize(
    "name", ["../city.toml", "/etc/city.toml", "a/../../b", "a\\b", "c:city.toml", "a/b/c/d/e", "x" * 201, "a\nb"]
)
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_is_written(tmp_path: Path, name: str):
    archive = pack(tmp_path / "a.zip", {"city.toml": b"", name: b"evil"})
    assert codes(archive, tmp_path / "city") == ["file_refused"]
    assert list((tmp_path / "city").iterdir()) == []
    assert not (tmp_path / "city.toml").exists()


def test_a_link_is_refused(tmp_path: Path):
    link = zipfile.ZipInfo("streets.osm")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert codes(tmp_path / "a.zip", tmp_path / "city") == ["file_refused"]


def test_two_files_that_are_one_where_capitals_do_not_count_are_refused(tmp_path: Path):
    archive = pack(tmp_path / "a.zip", {"city.toml": b"", "City.TOML": b""})
    assert codes(archive, tmp_path / "city") == ["file_twice"]


def test_what_grows_too_much_is_stopped_while_it_grows(tmp_path: Path):
    bomb = pack(tmp_path / "a.zip", {"city.toml": b"", "history/trips.csv": bytes(50_000_000)})
    assert bomb.stat().st_size < 100_000
    assert codes(bomb, tmp_path / "ratio", max_bytes=100_000_000) == ["too_large_unpacked"]
    assert (tmp_path / "ratio" / "history" / "trips.csv").stat().st_size < 10_000_000
    many = pack(tmp_path / "b.zip", {f"f{number}": bytes(900_000) for number in range(4)})
    assert codes(many, tmp_path / "sum", max_bytes=2_000_000) == ["too_large_unpacked"]


def test_a_size_that_the_file_lies_about_is_not_believed(tmp_path: Path):
    archive = pack(tmp_path / "a.zip", {"city.toml": bytes(5_000_000)})
    content = bytearray(archive.read_bytes())
    told = (5_000_000).to_bytes(4, "little")
    while (place := content.find(told)) >= 0:
        content[place : place + 4] = (7).to_bytes(4, "little")
    archive.write_bytes(content)
    assert codes(archive, tmp_path / "city", max_bytes=1_000_000) != []


@settings(max_examples=40)
@given(st.binary(max_size=400), st.integers(0, 399))
def test_what_is_no_zip_file_or_was_damaged_is_told_never_raised(tmp_path_factory, noise: bytes, cut: int):
    folder = tmp_path_factory.mktemp("noise")
    good = pack(folder / "good.zip", {"city.toml": b"id = 'a'\n" * 20, "cars/cars.csv": b"car_id\n"}).read_bytes()
    (folder / "a.zip").write_bytes(good[: cut % len(good)] + noise)
    findings = Findings()
    unpack(folder / "a.zip", folder / "city", max_bytes=10_000, findings=findings)
    assert findings.errors or (folder / "city" / "city.toml").exists()


def test_names_that_are_no_text_and_damage_in_any_packing_are_told(tmp_path: Path):
    archive = pack(tmp_path / "a.zip", {"city.toml": b"", "\xe9.csv": b""})
    archive.write_bytes(archive.read_bytes().replace("\xe9".encode(), b"\xc3("))
    assert codes(archive, tmp_path / "city") == ["not_zip"]
    for packing in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(archive, "w", packing) as book:
            book.writestr("city.toml", bytes(range(256)) * 40)
        content = bytearray(archive.read_bytes())
        content[90:130] = bytes(40)
        archive.write_bytes(content)
        assert codes(archive, tmp_path / f"city-{packing}") == ["not_zip"]


def test_the_version_is_of_names_and_contents_alone(tmp_path: Path):
    for name in ("one", "two"):
        codes(pack(tmp_path / f"{name}.zip", {"city.toml": b"a", "b.csv": b"c"}), tmp_path / name)
    assert version_of(tmp_path / "one") == version_of(tmp_path / "two")
    (tmp_path / "two" / "b.csv").write_bytes(b"d")
    assert version_of(tmp_path / "one") != version_of(tmp_path / "two")
    (tmp_path / "two" / "b.csv").rename(tmp_path / "two" / "c.csv")
    (tmp_path / "two" / "c.csv").write_bytes(b"c")
    assert version_of(tmp_path / "one") != version_of(tmp_path / "two")
