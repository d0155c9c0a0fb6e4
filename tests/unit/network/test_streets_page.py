"""`docs/models/streets.md` tells the speeds and factors that the profiles have."""

from __future__ import annotations

from pathlib import Path

from optimiser.network.profiles import BIKE, DRIVE, WALK, Profile

PAGE = Path(__file__).parents[3] / "docs" / "models" / "streets.md"
COLUMNS = (DRIVE, BIKE, WALK)


def rows() -> dict[str, list[str]]:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.read_text().splitlines() if "|" in line
    ]
    return {row[0]: row[1:] for row in cells if len(row) == 4}


def told(profile: Profile, highway: str) -> str:
    if highway in profile.speeds_kmh:
        return f"{profile.speeds_kmh[highway]:g}"
    return f"({profile.permitted_speeds_kmh[highway]:g})" if highway in profile.permitted_speeds_kmh else "–"


def test_the_table_of_speeds_is_that_of_the_profiles():
    page = rows()
    classes = {name for profile in COLUMNS for name in (*profile.speeds_kmh, *profile.permitted_speeds_kmh)}
    for highway in sorted(classes):
        assert page[highway] == [told(profile, highway) for profile in COLUMNS], highway


def test_the_table_of_rules_is_that_of_the_profiles():
    page = rows()
    assert page["time factor"] == [f"{profile.time_factor:.1f}" for profile in COLUMNS]
    assert page["night factor"] == [f"{profile.night_factor:.1f}" for profile in COLUMNS]
    assert page["access, first tag present decides"] == [", ".join(profile.access_tags) for profile in COLUMNS]
    for cell, profile in zip(page["direction, first tag present decides"], COLUMNS, strict=True):
        assert cell.split(";")[0] == ", ".join(profile.oneway_tags)
    for cell, profile in zip(page["no stopping"], COLUMNS, strict=True):
        assert cell == ", ".join([*profile.no_stopping, "tunnels"])
