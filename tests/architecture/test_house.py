"""The house keeps its own promises: documents that match the code, nothing committed that must not be."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from optimiser.rebalancing.check import RULES

ROOT = Path(__file__).parents[2]


def product_files() -> list[Path]:
    """Files that git keeps or would; in an unpacked archive without git, all but what is made here."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (FileNotFoundError, subprocess.CalledProcessError):
        made = {
            ".venv",
            ".evenfleet",
            ".hypothesis",
            ".pytest_cache",
            ".mypy_cache",
            ".ruff_cache",
            "__pycache__",
            "plans",
        }
        listed = [
            str(path.relative_to(ROOT))
            for path in ROOT.rglob("*")
            if not made & set(path.relative_to(ROOT).parts) and ".egg-info" not in str(path)
        ]
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


TRACKED = product_files()
TEXTS = [path for path in TRACKED if path.suffix in {".py", ".md", ".toml", ".lock", ".yaml", ".yml", ".jinja", ""}]


def test_the_model_page_lists_exactly_the_checkers_rules():
    page = (ROOT / "docs/models/rebalancing.md").read_text()
    table = page.split("## Rules")[1].split("## Bound")[0]
    assert list(RULES) == re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)


def test_every_decision_is_listed():
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text())
    assert sorted(path.name for path in folder.glob("0*.md")) == listed


@pytest.mark.parametrize("verb", ["setup", "demo", "test", "test-ui", "lint", "bench", "serve"])
def test_every_verb_of_the_makefile_is_told_to_contributors(verb):
    assert re.search(rf"^{verb}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert f"make {verb} " in (ROOT / "CONTRIBUTING.md").read_text()


def test_links_between_documents_lead_somewhere():
    pages = [path for path in TRACKED if path.suffix == ".md"]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert [] == broken


def test_the_lock_file_pins_hashes_and_names_no_index():
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"^[\w.-]+==", lock, flags=re.MULTILINE)
    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert "index-url" not in lock
    assert "://" not in lock


def test_nothing_committed_names_a_package_index_or_a_path_of_one_machine():
    index = re.compile(r"https?://[^\s\"')]*(?:pypi|pythonhosted|npmjs|registry\.)")
    machine = re.compile(r"(?:^|[\s\"'=(])/(?:home|root|work|Users)/\w")
    told = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in TEXTS
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if index.search(line) or machine.search(line)
    ]
    assert [] == told


def test_no_file_is_too_large_to_clone_happily():
    assert [] == [str(path.relative_to(ROOT)) for path in TRACKED if path.stat().st_size > 1_000_000]


def test_the_command_line_starts_without_what_compiles_or_solves():
    heavy = "import sys, service.cli; print(sorted({'ortools', 'numba', 'scipy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
