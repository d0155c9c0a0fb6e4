"""
Requests that are made of the API's own description, right ones and wrong ones, and what every answer has to keep.

The long form: `python -m tests.service.contract --cases 50000 --seed 7`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from service.access.scopes import Scope
from service.app import create_app, prepare_storage
from service.logs import configure_logs
from service.settings import Settings
from tests.service.clients import a_key, local_client

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.missing_required_header,
    checks.ignored_auth,
]
CONFIG = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
"""With the key that is given, and in the probes of `ignored_auth` with none and a wrong one."""
PER_ROUND = 25
"""Cases of one operation in one mode, before the next has its turn."""
ENOUGH = 1_000_000


@schemathesis.serializer("application/zip")
def _bytes_as_they_are(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@dataclass
class Report:
    """What was tried, and each failure once with the request that shows it."""

    cases: int = 0
    answers: dict[int, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


@dataclass
class Tried:
    """An app in this process, and ids of things that are there."""

    app: FastAPI
    headers: dict[str, str]
    known: dict[str, str]

    @classmethod
    def on(cls, folder: Path) -> Tried:
        """With a database of its own, and nobody who carries anything out."""
        names = ("rate_requests", "burst_requests", "rate_submissions", "burst_submissions", "max_open_jobs")
        app = create_app(Settings.model_validate({"data_dir": folder, **dict.fromkeys(names, ENOUGH)}))
        prepare_storage(app.state.settings)
        client = local_client(app)
        headers = a_key(client, *Scope)
        small = {"city": "paris-8e"}

        def made(path: str, body: dict[str, Any]) -> str:
            answer = client.post(path, json=body, headers=headers)
            assert answer.status_code < 300, answer.text
            return str(answer.json()["id"])

        known = {
            "/v1/rebalancing-plans": made("/v1/rebalancing-plans", small),
            "/v1/relocation-plans": made("/v1/relocation-plans", small),
            "/v1/siting-studies": made("/v1/siting-studies", small),
            "/v1/schedules": made("/v1/schedules", {**small, "local_time": "21:30"}),
            "/v1/api-keys": made("/v1/api-keys", {"name": "known", "scopes": ["plans:read"]}),
            "/v1/cities": "paris-8e",
            "/v1/demo-data": "paris-8e",
        }
        return cls(app, headers, known)

    def known_ids(self, path: str) -> dict[str, str] | None:
        """The path's first parameter, where something is known that it could mean."""
        place, _, rest = path.partition("/{")
        return {rest.partition("}")[0]: self.known[place]} if place in self.known and rest else None


def attack(
    tried: Tried, *, cases: int, start: int, per_round: int = PER_ROUND, told: Callable[[str], None] = print
) -> Report:
    """Try every operation in turn until there were so many cases; goes on after a failure."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", tried.app, config=CONFIG)
    # Nobody works here, so that it is not ready; all the rest of it has to answer.
    operations = [found.ok() for found in schema.get_all_operations() if found.ok().path != "/readyz"]
    report = Report()
    number = start
    while report.cases < cases:
        before = report.cases
        for operation in operations:
            for mode, ids in _ways(tried, operation):
                _try(operation, mode, ids, tried, report, seed_=number, examples=per_round)
                number += 1
            if report.cases >= cases:
                break
        told(f"{report.cases} cases, {len(report.failures)} failures")
        assert report.cases > before
    return report


def _ways(tried: Tried, operation: Any) -> Iterator[tuple[GenerationMode, dict[str, str] | None]]:
    yield GenerationMode.POSITIVE, None
    ids = tried.known_ids(operation.path)
    # What deletes would leave nothing behind for the others.
    if ids and operation.method != "delete":
        yield GenerationMode.POSITIVE, ids
    if operation.query or operation.headers or operation.body:
        yield GenerationMode.NEGATIVE, ids


def _try(
    operation: Any,
    mode: GenerationMode,
    ids: dict[str, str] | None,
    tried: Tried,
    report: Report,
    *,
    seed_: int,
    examples: int,
) -> None:
    @seed(seed_)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=ids))
    def run(case: Any) -> None:
        report.cases += 1
        answer = case.call(headers=tried.headers, timeout=600)
        report.answers[answer.status_code] = report.answers.get(answer.status_code, 0) + 1
        try:
            case.validate_response(answer, checks=CHECKS, headers=tried.headers)
        except FailureGroup as failure:
            report.failures.setdefault(_kind(operation.label, failure), f"{case.as_curl_command()}\n{failure}")

    try:
        run()
    except Unsatisfiable:
        # Nothing can be wrong with a request that may say anything.
        return


def _kind(label: str, failure: FailureGroup) -> str:
    kinds = {f"{type(part).__name__} {part.title}" for part in failure.exceptions}
    return f"{label}: {', '.join(sorted(kinds))}"


def main(arguments: Sequence[str]) -> int:
    """Print what came of it; 1 where an answer broke the contract."""
    parser = argparse.ArgumentParser(prog="python -m tests.service.contract", description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--per-round", type=int, default=PER_ROUND)
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}", flush=True)
    configure_logs("error")
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="evenfleet-contract-") as folder:
        report = attack(
            Tried.on(Path(folder)), cases=chosen.cases, start=chosen.seed * 1_000_000, per_round=chosen.per_round
        )
    for kind, shown in report.failures.items():
        print(f"--- {kind}\n{shown[:2000]}", flush=True)
    seconds = time.monotonic() - began_s
    print(
        f"contract: {report.cases} cases in {seconds:.0f} s, {len(report.failures)} failures, answers {report.answers}"
    )
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
