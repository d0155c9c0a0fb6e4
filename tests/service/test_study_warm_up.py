"""A study compiles, or loads, all that it needs before the clock of its search starts."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from tests.siting_folders import PEOPLE, PLACES, write_folder

ALL = '''
def compiled():
    functions = (function for name, module in list(sys.modules.items()) if name.startswith("optimiser.")
                 for function in vars(module).values() if hasattr(function, "signatures"))
    return {(f.py_func.__module__, f.py_func.__qualname__, str(s)) for f in functions for s in f.signatures}

def lacking(known):
    """Of what every search begins with; what only others call is not told apart where it is loaded."""
    return sorted({"rebuild_all", "anneal", "anneal_together", "find_gains", "choose"} - {name for _, name, _ in known})
'''


def said(code: str) -> str:
    """By a new process, in which nothing is loaded yet."""
    whole = f"import sys\n{ALL}\n{textwrap.dedent(code)}"
    return subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=True).stdout


def test_after_the_warm_up_a_search_of_any_shape_compiles_nothing():
    told = said(
        """
        from dataclasses import replace
        from optimiser.basics.limits import SolveLimits
        from optimiser.siting.problem import Scenario
        from optimiser.siting.solve import solve
        from optimiser.siting.warm_up_study import warm_up_study
        from tests.siting_studies import random_study

        warm_up_study()
        before = compiled()
        scenarios = tuple(Scenario(name=name, probability=0.5) for name in "ab")
        for phases in (1, 3):
            asked = random_study(3, points=200, sites=60, phases=phases, floor=0.2)
            asked = replace(asked, wishes=replace(asked.wishes, scenarios=scenarios, max_new_sites=None))
            solve(asked, SolveLimits(seconds=3))
        print(lacking(before), sorted(compiled() - before))
        """
    )
    assert told == "[] []\n"


def test_a_study_warms_up_also_where_it_would_be_solved_at_once(tmp_path: Path):
    folder = write_folder(tmp_path / "town", demand=PEOPLE, candidates=PLACES)
    told = said(
        f"""
        from optimiser.basics.limits import SolveLimits
        from scenarios.siting.loader import load_study
        from service.siter import solve_study

        solve_study(load_study({str(folder)!r}), SolveLimits(seconds=1))
        print(lacking(compiled()))
        """
    )
    assert told == "[]\n"
