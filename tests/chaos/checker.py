"""
Judges a history and the tables it left; knows nothing of the service but what was promised.

    lost      accepted, and not there, not ended, ended well without its result, or ended and no webhook told of it
    twice     one key made two jobs, or a job ended, or has a result, more than once, or was told of under two ids
    illegal   a step from one state to another that is not allowed, a gap in the events, a final answer that changed
    revived   cancelled, and then something else
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.chaos.history import Operation

FINAL = {"succeeded", "failed", "cancelled", "invalid"}
STEPS = {
    "queued": {"preparing", "cancelled", "failed"},
    "preparing": {"preparing", "solving", *FINAL},
    "solving": {"preparing", *FINAL},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Rows as they are when everything has come to rest, each a dict."""

    jobs: list[dict[str, Any]]
    """`id`, `state`, `attempt`, `key`."""
    results: list[dict[str, Any]]
    """`job_id`, `attempt`, `is_whole` = every document is there with the content its name says."""
    events: list[dict[str, Any]]
    """`job_id`, `seq`, `kind`, `attempt`, `status`; in order of job and seq."""
    told: list[dict[str, Any]] | None
    """`message`, `job_id`, `status`: every webhook that was received, repeated ones as well; None = nobody listened."""


@dataclass(slots=True)
class Verdict:
    """Sentences; empty lists are what we want."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    illegal: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.twice or self.illegal or self.revived)


def judge(operations: Iterable[Operation], tables: Tables) -> Verdict:
    """Everything that is wrong."""
    operations = list(operations)
    verdict = Verdict()
    results, events, told = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in tables.told or ():
        told[row["job_id"]].append(row)
    for row in tables.results:
        results[row["job_id"]].append(row)
    for row in tables.events:
        events[row["job_id"]].append(row)
    jobs = {row["id"]: row for row in tables.jobs}
    _submissions(operations, jobs, verdict)
    for job in tables.jobs:
        _job(job, results[job["id"]], events[job["id"]], verdict)
        if tables.told is not None:
            _webhooks(job, told[job["id"]], verdict)
    _answers(operations, jobs, verdict)
    return verdict


def _submissions(operations: list[Operation], jobs: dict[str, dict[str, Any]], verdict: Verdict) -> None:
    ids: dict[str, set[str]] = defaultdict(set)
    for operation in operations:
        if operation.kind == "submit" and operation.job_id:
            ids[operation.key].add(operation.job_id)
    for key, told in ids.items():
        if len(told) > 1:
            verdict.twice.append(f"key {key} was told {sorted(told)}")
        verdict.lost.extend(f"{job_id} was accepted and is not there" for job_id in told - jobs.keys())
    made: dict[str, int] = defaultdict(int)
    for job in jobs.values():
        made[job["key"]] += 1
    verdict.twice.extend(f"key {key} made {count} jobs" for key, count in made.items() if count > 1)


def _job(job: dict[str, Any], results: list[dict[str, Any]], events: list[dict[str, Any]], verdict: Verdict) -> None:
    job_id, state = job["id"], job["state"]
    if state not in FINAL:
        verdict.lost.append(f"{job_id} never ended, it is {state}")
    if state == "succeeded" and not results:
        verdict.lost.append(f"{job_id} succeeded without a result")
    if len(results) > 1:
        verdict.twice.append(f"{job_id} has {len(results)} results")
    for result in results:
        if not result["is_whole"]:
            verdict.lost.append(f"documents of {job_id} are missing or damaged")
        if result["attempt"] != job["attempt"]:
            verdict.illegal.append(f"{job_id} has the result of attempt {result['attempt']}, not {job['attempt']}")
        if state in ("failed", "invalid"):
            verdict.illegal.append(f"{job_id} is {state} and has a result")
    _events(job, events, verdict)


def _events(job: dict[str, Any], events: list[dict[str, Any]], verdict: Verdict) -> None:
    job_id, state = job["id"], job["state"]
    ends = [event for event in events if event["kind"] == "end"]
    if len(ends) > 1:
        verdict.twice.append(f"{job_id} ended {len(ends)} times")
    if [event["seq"] for event in events] != list(range(1, len(events) + 1)):
        verdict.illegal.append(f"events of {job_id} have gaps")
    if [event["attempt"] for event in events] != sorted(event["attempt"] for event in events):
        verdict.illegal.append(f"attempts of {job_id} go backwards")
    steps = [event["status"] for event in events if event["kind"] != "progress"]
    if steps[:1] != ["queued"]:
        verdict.illegal.append(f"{job_id} did not begin as queued")
    for earlier, later in pairwise(steps):
        if earlier == "cancelled":
            verdict.revived.append(f"{job_id} was cancelled, then {later}")
        elif later not in STEPS.get(earlier, set()):
            verdict.illegal.append(f"{job_id} went from {earlier} to {later}")
    if steps and state in FINAL and steps[-1] != state:
        verdict.illegal.append(f"{job_id} is {state}, its last event says {steps[-1]}")


def _webhooks(job: dict[str, Any], told: list[dict[str, Any]], verdict: Verdict) -> None:
    job_id, state = job["id"], job["state"]
    if state in FINAL and not told:
        verdict.lost.append(f"no webhook told that {job_id} ended")
    if len({one["message"] for one in told}) > 1:
        verdict.twice.append(f"webhooks told of {job_id} under {len({one['message'] for one in told})} ids")
    if {one["status"] for one in told} - {state}:
        verdict.illegal.append(f"webhooks told that {job_id} is {told[0]['status']}, it is {state}")


def _answers(operations: list[Operation], jobs: dict[str, dict[str, Any]], verdict: Verdict) -> None:
    """What a client was told of a job that had ended holds for whatever was asked afterwards."""
    ended: dict[str, Operation] = {}
    for operation in sorted(operations, key=lambda one: one.answered_s):
        if not operation.job_id or not operation.status:
            continue
        before = ended.get(operation.job_id)
        if before and operation.called_s > before.answered_s and operation.status != before.status:
            wrong = verdict.revived if before.status == "cancelled" else verdict.illegal
            wrong.append(f"{operation.job_id} was told {before.status}, then {operation.status}")
        elif operation.status in FINAL and before is None:
            ended[operation.job_id] = operation
    for job_id, operation in ended.items():
        state = jobs.get(job_id, {}).get("state", operation.status)
        if state != operation.status:
            wrong = verdict.revived if operation.status == "cancelled" else verdict.illegal
            wrong.append(f"{job_id} was told {operation.status} and is {state}")
