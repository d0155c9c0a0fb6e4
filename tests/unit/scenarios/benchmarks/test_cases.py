"""Files, folders and lists lead to the instances that are meant, with what is known of them."""

from __future__ import annotations

import pytest

from optimiser.basics.errors import InvalidInput
from scenarios.benchmarks.cases import find_cases
from tests.unit.scenarios.benchmarks.instances import write_square


def found(*paths):
    cases = find_cases(paths, is_instance=lambda path: path.suffix == ".txt" and path.stem != "LICENSE")
    return [(case.path.name, case.best_known) for case in cases]


def says(*paths):
    with pytest.raises(InvalidInput) as refused:
        found(*paths)
    return [str(finding) for finding in refused.value.findings]


def test_a_file_is_itself_and_counts_once(tmp_path):
    path = write_square(tmp_path)
    assert [("square.txt", None)] == found(path, path)


def test_a_folder_is_its_instances_by_name_and_nothing_else(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("b.txt", "a.txt", "LICENSE.txt", "notes.md", "deep/c.txt", ".hidden.txt"):
        write_square(tmp_path, name)
    assert [("a.txt", None), ("b.txt", None), ("c.txt", None)] == found(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("best_known.csv", "instance,vertices,best_known\nb,4,104\na,4,99.5\n"),
        ("cases.csv", "file,format,value\nb.txt,brp,104\na.txt,brp,99.5\n"),
    ],
)
def test_a_list_names_instances_beside_it_in_its_own_order(tmp_path, name, text):
    for instance in ("a.txt", "b.txt", "c.txt"):
        write_square(tmp_path, instance)
    (tmp_path / name).write_text(text)
    assert [("b.txt", 104), ("a.txt", 99.5)] == found(tmp_path / name) == found(tmp_path)
    assert [("a.txt", 99.5), ("c.txt", None)] == found(tmp_path / "a.txt", tmp_path / "c.txt")


def test_a_list_of_any_name_is_known_by_its_columns(tmp_path):
    write_square(tmp_path)
    (tmp_path / "mine.csv").write_text("file\nsquare.txt\n")
    assert [("square.txt", None)] == found(tmp_path / "mine.csv")


def test_everything_that_leads_nowhere_is_told_at_once(tmp_path):
    write_square(tmp_path, "a.txt")
    listed = tmp_path / "cases.csv"
    listed.write_text("file,value\na.txt,1\nb.txt,2\n../a.txt,3\n,4\n")
    missing = tmp_path / "nowhere"
    empty = tmp_path / "empty"
    empty.mkdir()
    told = says(listed, missing, empty)
    assert [
        f"{listed}: row 3: there is no instance b.txt beside the list",
        f"{listed}: row 4: there is no instance ../a.txt beside the list",
        f"{listed}: row 5: names no instance",
        f"{missing}: does not exist",
        f"{empty}: holds no instance",
    ] == [line.split(" (")[0] for line in told]


def test_a_value_that_is_no_number_is_told(tmp_path):
    write_square(tmp_path, "a.txt")
    listed = tmp_path / "cases.csv"
    listed.write_text("file,value\na.txt,1\na.txt,\na.txt,ten\n")
    (line,) = says(listed)
    assert line.startswith(f"{listed}: row 4: value is 'ten'")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "is empty"), ("name\na\n", "there is no column file or instance"), ("file\n", "lists no instances")],
)
def test_a_list_that_lists_nothing_is_told(tmp_path, text, expected):
    (tmp_path / "cases.csv").write_text(text)
    (line,) = says(tmp_path / "cases.csv")
    assert expected in line
