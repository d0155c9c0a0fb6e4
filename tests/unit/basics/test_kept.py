"""Compiled functions that are kept on disk: as good as new while no file changes, made anew when one does."""

import os
import subprocess
import sys
import textwrap

import pytest

from optimiser.basics import kept

FILES = {
    "town/__init__.py": "",
    "town/depth.py": """
        DEPTH = 1
    """,
    "town/inner.py": """
        from optimiser.basics.compiled import in_place
        from town.depth import DEPTH

        @in_place
        def more(number):
            return number + DEPTH
    """,
    "town/outer.py": """
        from optimiser.basics.compiled import in_place
        from town.inner import (
            more,
        )

        @in_place
        def twice(number):
            return 2 * more(number)
    """,
    "town/other.py": "",
}


@pytest.fixture
def town(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return tmp_path


def told(town):
    """What a new process says, and how often it took what was kept."""
    code = "from town.outer import twice; print(twice(10), sum(twice.stats.cache_hits.values()))"
    paths = os.pathsep.join([str(town), *sys.path])
    where = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(town / "kept")}
    done = subprocess.run([sys.executable, "-c", code], cwd=town, env=where, capture_output=True, text=True, check=True)
    return tuple(int(word) for word in done.stdout.split())


def test_what_changes_in_another_file_is_compiled_anew(town):
    assert told(town) == (22, 0)
    assert told(town) == (22, 1)
    (town / "town" / "depth.py").write_text("DEPTH = 5\n")
    assert told(town) == (30, 0)
    assert told(town) == (30, 1)
    (town / "town" / "other.py").write_text("# Nobody calls this.\n")
    assert told(town) == (30, 1)


def test_stamps_follow_every_file_that_is_imported_and_no_other(town):
    def stamp():
        for memory in (kept.stamp_of, kept._read, kept._imported):
            memory.cache_clear()
        return kept.stamp_of(town / "town" / "outer.py")

    first = stamp()
    assert stamp() == first
    for name in ("depth", "inner", "outer"):
        path = town / "town" / f"{name}.py"
        before = path.read_text()
        path.write_text(before + "# changed\n")
        assert stamp() != first
        path.write_text(before)
        assert stamp() == first
    (town / "town" / "other.py").write_text("# changed\n")
    assert stamp() == first
