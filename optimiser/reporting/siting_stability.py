"""Which sites stay when assumptions change, as rows and sentences for the page, the terminal and study.json."""

from __future__ import annotations

from typing import Any

from optimiser.reporting.siting_shares import percent
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_words import bound_in_words, gap_in_words, gave_way, told_names
from optimiser.reporting.words import counted, number
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.proven import missed_floors
from optimiser.siting.sensitivity import FAR, Run, Sensitivity, Varied

STAYS = 0.8
"""A site that is chosen again in so many studies stays."""


def stability_rows(study: Study, sensitivity: Sensitivity) -> dict[str, Any]:
    """Sites of this study, and those that come often without being in it; none where no run says anything of sites."""
    chosen, kept = _chosen(study), study.result.wishes
    districts = told_names(study.problem.districts)
    return {
        "headline": stability_headline(study, sensitivity),
        "kinds": [
            "another seed" if varied is Varied.SEARCH else f"{varied.value} varied" for varied in _kinds(sensitivity)
        ],
        "asked": sensitivity.times_asked(),
        "spread": percent(sensitivity.spread),
        "rows": _site_rows(study, sensitivity, chosen) if sensitivity.times_asked() else [],
        "runs": [
            {
                "factors": run.factors,
                "value": number(run.value),
                "bound": bound_in_words(run.upper_bound, run.gap),
                "gap": gap_in_words(run.gap),
                "sites": len(run.sites),
                "gave_way": gave_way(run.missed, run.left_out, names=districts),
                "plan": _whose(run, study),
            }
            for run in sensitivity.runs
        ],
        "gave_way": gave_way(
            missed_floors(study.problem, kept), study.problem.wishes.force - kept.force, names=districts
        ),
        "base": sum(run.is_base for run in sensitivity.runs),
        "begun": sensitivity.times_made(),
    }


def _kinds(sensitivity: Sensitivity) -> list[Varied]:
    return [varied for varied in Varied if sensitivity.times_made(varied)]


def _site_rows(study: Study, sensitivity: Sensitivity, chosen: frozenset[str]) -> list[dict[str, Any]]:
    names = {site.id: site.name for site in study.problem.sites}
    total, asked = sensitivity.times_chosen(), sensitivity.times_asked()
    counts = {varied: sensitivity.times_chosen(varied) for varied in _kinds(sensitivity)}
    listed = sorted(chosen | {id_ for id_ in total if 2 * total[id_] >= asked}, key=lambda id_: (-total[id_], id_))
    return [
        {
            "id": id_,
            "name": names.get(id_, id_),
            "is_chosen": id_ in chosen,
            "share": percent(total[id_] / asked),
            "runs": f"{total[id_]} of {counted(asked, 'run')}",
            "bar": round(100 * total[id_] / asked, 1),
            "counts": [_of(counts[varied][id_], sensitivity.times_asked(varied)) for varied in counts],
        }
        for id_ in listed
    ]


def _of(times: int, asked: int) -> str:
    return f"{times} of {asked}" if asked else "–"


def _whose(run: Run, study: Study) -> str:
    which = "its own"
    if run.is_base:
        which = "this one" if run.sites == _chosen(study) else "this one, without what there is no money for"
    if run.is_counted:
        return f"{which}; the search came to one as good" if run.is_base else which
    if _is_put_back(run, study):
        return f"{which}, put back in: not counted"
    worse = "clearly worse" if run.varied is Varied.SEARCH else "perhaps far from the best"
    return f"{which}, {worse}: not counted"


def _chosen(study: Study) -> frozenset[str]:
    return standing(study.problem, study.result.plan)[-1].new_sites


def _is_put_back(run: Run, study: Study) -> bool:
    """Of runs that are not counted, whether that is as the study's plan, or what is left of it, was put back in."""
    return run.is_base and (run.sites == _chosen(study) or run.gap <= study.result.gap + FAR)


def stability_headline(study: Study, sensitivity: Sensitivity) -> str:
    """How many of the plan's sites stay, what that rests on, and how many studies keep all wishes, in sentences."""
    return (
        f"{_sites_stay(study, sensitivity)}{_not_counted(study, sensitivity)} {_luck(sensitivity)}"
        f"{_times_kept(study.problem, sensitivity)}"
    ).rstrip()


def _sites_stay(study: Study, sensitivity: Sensitivity) -> str:
    """How many sites stay; or that nobody knows, where no study came to a plan of its own that is any good."""
    asked, made = sensitivity.times_asked(), sensitivity.times_made()
    varied = f"with demand, reach or money varied by up to {percent(sensitivity.spread)}"
    if not asked:
        return (
            "This tells nothing about which sites stay: no run found a better plan of its own in its seconds, nor one "
            f"as good, in {counted(made, 'study', 'studies')} {varied}."
        )
    chosen, total = _chosen(study), sensitivity.times_chosen()
    stay = sum(total[id_] >= STAYS * asked for id_ in chosen)
    return (
        f"{stay} of {counted(len(chosen), 'site')} {'is' if stay == 1 else 'are'} chosen again in {percent(STAYS)} or "
        f"more of {counted(asked, 'study', 'studies')} that came to a plan of {'its' if asked == 1 else 'their'} own, "
        f"of {made} {varied}."
    )


def _not_counted(study: Study, sensitivity: Sensitivity) -> str:
    """In how many studies this plan was only put back in, and how many are perhaps poor; in a sentence, or nothing."""
    out = [run for run in sensitivity.runs if not run.is_counted and run.varied is not Varied.SEARCH]
    back = sum(_is_put_back(run, study) for run in out)
    poor = len(out) - back
    told = []
    if back:
        told.append(f"in {back} this plan was only put back in, as so short a search found none as good")
    if poor:
        told.append(f"{poor} may be far from the best")
    return f" Not counted: {', and '.join(told)}." if told else ""


def _luck(sensitivity: Sensitivity) -> str:
    """What another seed came to, in a sentence; nothing where none was tried."""
    made, asked = sensitivity.times_made(Varied.SEARCH), sensitivity.times_asked(Varied.SEARCH)
    if made == asked:
        return f"With another seed {asked} of {made} come to a plan as good as this one, or nearly. " if made else ""
    come = "comes" if made - asked == 1 else "come"
    return (
        f"With another seed {made - asked} of {made} {come} to clearly less in so short a search: that says nothing of "
        "the sites, and is not counted. "
    )


def _times_kept(problem: SitingProblem, sensitivity: Sensitivity) -> str:
    """In a sentence; nothing where nothing was wished for that might give way."""
    if not problem.wishes.force and not any(problem.floor_of(district.id) > 0 for district in problem.districts):
        return ""
    kept, asked = sensitivity.times_kept(), len(sensitivity.runs)
    if kept in (0, asked):
        return f"{'All' if kept else 'None'} of {asked} {'keep' if kept else 'keeps'} all floors and forced sites."
    keep = "keeps" if kept == 1 else "keep"
    return f"{kept} of {asked} {keep} all floors and forced sites, in {asked - kept} some give way."
