"""An earlier study named in a submission: put beside the new one whatever restarts or goes, or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service import db
from service.access.scopes import Scope
from service.app import create_app, prepare_storage
from service.jobs import documents, store
from service.jobs.states import Outcome, State
from service.settings import Settings
from tests.service.clients import a_key, local_client
from tests.service.running import RunningService
from tests.service.test_studies_over_http import STUDIES, ended, submit
from tests.siting_folders import PLACES, collection, inline_document


def town(sites: int, **more: Any) -> dict[str, Any]:
    """A study of a town in which x serves 30 people and y serves 20; the first site is x."""
    return {"city": inline_document(), "wishes": {"max_new_sites": sites}, "limits": {"seconds": 1}, **more}


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def refused(answer: Any) -> dict[str, tuple[str, str, str]]:
    """Code, text and hint of what is wrong, by its place."""
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: (error["code"], error["detail"], error["hint"]) for error in answer.json()["errors"]}


def test_an_earlier_study_is_put_beside_the_new_one(service: RunningService):
    earlier = submit(service, town(1))
    then = ended(service, earlier)["study"]
    assert then["comparison"] is None
    body, key = town(2, compare_with=id_of(earlier)), {"Idempotency-Key": "beside"}

    path = submit(service, body, **key)

    now = ended(service, path)["study"]
    told = now["comparison"]
    assert (told["kept"], told["gained"], told["lost"]) == (["x"], ["y"], [])
    assert (told["value"], told["people_served"], told["cost"]) == ([30, 50], [30, 50], [100, 200])
    assert told["value"] == [then["value"], now["value"]]
    assert "Built now and not then" in service.http.get(f"{path}/export.html").text
    # The same again is the same study, and beside another one it is another.
    assert submit(service, body, **key) == path
    other = service.http.post(STUDIES, json={**body, "compare_with": id_of(path)}, headers=key)
    assert other.json()["code"] == "idempotency_key_reused"


def test_an_earlier_study_that_does_not_fit_is_told_by_who_looks_at_the_sites(service: RunningService):
    earlier = id_of(submit(service, town(1)))
    ended(service, f"{STUDIES}/{earlier}")
    without_x = inline_document(candidates=collection([{"id": "xx", "at": 1}, PLACES[1]]))
    moved = inline_document(candidates=collection([{"id": "x", "at": 2}, PLACES[1]]))
    odd = inline_document(chargers=collection([{"id": "old", "at": 2}]), id="graz", name="Graz")
    study = ended(service, submit(service, {**town(1, compare_with=earlier), "city": odd}))
    # What was odd stands beside what is wrong.
    (warning,) = study["error"]["warnings"]
    assert (warning["code"], warning["pointer"]) == ("plugs_assumed", "/city/chargers/features/0")
    for city, code, told in (
        ({**inline_document(), "id": "t"}, "another_city", "the earlier study is of Town with the id town, not of t"),
        ({**inline_document(), "id": "g", "name": "G"}, "another_city", "the earlier study is of Town, not of G"),
        (without_x, "unknown_site", "the earlier study has site x, which is not there"),
        (moved, "site_moved", "site x is 111 m from where the earlier study builds"),
    ):
        study = ended(service, submit(service, {**town(1, compare_with=earlier), "city": city}))
        assert study["status"] == "invalid"
        (finding,) = study["error"]["findings"]
        assert (finding["source"], finding["pointer"], finding["code"]) == ("request", "/compare_with", code)
        assert told in finding["detail"]
        assert finding["hint"]


def test_a_study_is_made_as_it_was_accepted_when_all_is_killed_and_the_earlier_one_is_gone(
    tmp_path: Path,
):
    with RunningService(tmp_path) as service:
        earlier = submit(service, town(1))
        ended(service, earlier)
        running = submit(service, {"city": "paris-8e", "limits": {"seconds": 30}})
        waiting = submit(service, town(2, compare_with=id_of(earlier)))
        assert service.http.get(waiting).json()["status"] == "queued"

        service.kill_everything()
        forget(service, id_of(earlier))
        service.start()
        service.http.post(f"{running}:cancel").raise_for_status()

        assert service.http.get(earlier).status_code == 404
        study = ended(service, waiting)
        assert (study["status"], study["study"]["comparison"]["gained"]) == ("succeeded", ["y"])


def forget(service: RunningService, job_id: str) -> None:
    """Take a job and its documents away, as happens to what is old."""
    database = db.open_engine(f"sqlite:///{service.folder / 'data' / 'evenfleet.sqlite'}")
    with db.writing(database) as connection:
        files = connection.execute(
            sa.select(db.job_result.c.files).where(db.job_result.c.job_id == job_id)
        ).scalar_one()
        connection.execute(sa.delete(db.job).where(db.job.c.id == job_id))
    database.dispose()
    for sha256 in files.values():
        documents.place(service.folder / "data" / "documents", sha256).unlink(missing_ok=True)


@pytest.fixture
def client(tmp_path: Path, db_url: str) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(settings)
    app = create_app(settings)
    with local_client(app) as made:
        yield made
    app.state.database.dispose()


def a_study(app: FastAPI, number: int, state: State | None, document: object = None) -> str:
    """A study of tenant a, which has ended like this; None where it has not begun."""
    job_id, database = f"std_{number:020x}", app.state.database
    folder = app.state.settings.documents_dir
    files = None if document is None else {"study.json": documents.keep(folder, json.dumps(document).encode())}
    with db.writing(database) as connection:
        store.create(
            connection,
            tenant_id="a",
            job_id=job_id,
            kind="siting",
            name="",
            request_sha256="0" * 64,
            idempotency_key=None,
        )
        if state is not None:
            store.claim(connection, job_id, executor_id="me")
            outcome = Outcome(state=state, files=files, stop_reason="gap")
            assert store.finish(connection, job_id, attempt=1, outcome=outcome)
    return job_id


BUILDS = {"site_id": "x", "lon": 0.001, "lat": 0.0, "new_plugs_by_phase": {"all at once": {"ac11": 1}}}
STUDY = {
    "format": "evenfleet-siting-study/1",
    "city": {"name": "Town"},
    "phases": [{"name": "all at once"}],
    "sites": [BUILDS],
    "grid": [],
    "figures": {"plugs": 1},
}


def test_a_repeated_request_gets_the_first_answer_when_what_it_names_is_gone(client: TestClient, tmp_path: Path):
    app: FastAPI = client.app  # type: ignore[assignment]
    caller = a_key(client, Scope.STUDIES_WRITE, Scope.STUDIES_READ)
    earlier = a_study(app, 1, State.SUCCEEDED, STUDY)
    chargers = collection([{"id": "old", "at": 2}])
    body = {**town(1, compare_with=earlier), "city": inline_document(chargers=chargers)}

    def send(body: dict[str, Any], key: str) -> Any:
        return client.post(STUDIES, json=body, headers={**caller, "Idempotency-Key": key})

    first = send(body, "k")
    assert first.status_code == 202, first.text
    with db.writing(app.state.database) as connection:
        connection.execute(sa.delete(db.job).where(db.job.c.id == earlier))
    again = send(body, "k")
    assert (again.status_code, again.json()) == (202, first.json())
    assert [warning["code"] for warning in again.json()["warnings"]] == ["plugs_assumed"]
    # Under another key it is another request, and refused; under this one another request is refused.
    assert refused(send(body, "l"))["/compare_with"][0] == "unknown_study"
    assert send({**body, "compare_with": None}, "k").json()["code"] == "idempotency_key_reused"


def test_what_cannot_be_compared_with_is_refused_with_what_would_be_right(client: TestClient):
    app: FastAPI = client.app  # type: ignore[assignment]
    key, foreign = a_key(client, Scope.STUDIES_WRITE), a_key(client, Scope.STUDIES_WRITE, tenant_id="b")
    good, waiting = a_study(app, 1, State.SUCCEEDED, STUDY), a_study(app, 2, None)
    failed, stopped = a_study(app, 3, State.FAILED), a_study(app, 4, State.CANCELLED, STUDY)
    old = a_study(app, 5, State.SUCCEEDED, {**STUDY, "format": "evenfleet-siting-study/0"})

    def told(study_id: object, headers: dict[str, str] = key) -> tuple[str, str, str]:
        (where,) = found = refused(client.post(STUDIES, json=town(1, compare_with=study_id), headers=headers))
        assert where == "/compare_with"
        return found[where]

    unknown = (
        "unknown_study",
        "there is no study with this id",
        f"the id of a study of yours; GET {STUDIES} lists them",
    )
    for nothing in (f"std_{20 * 'a'}", f"pln_{20 * 'a'}", "../../etc/passwd", "", "x" * 100_000):
        assert told(nothing) == unknown
    # One of somebody else is none.
    assert told(good, foreign) == unknown
    assert told(waiting)[:2] == ("study_not_finished", f"study {waiting} is queued")
    assert told(failed)[:2] == ("study_without_result", f"study {failed} ended as failed without a result")
    code, text, hint = told(old)
    assert (code, hint) == ("study_of_another_form", "make it anew, and compare with that")
    assert "evenfleet-siting-study/0" in text
    assert told(7)[0] == told({"id": good})[0] == "string_type"
    # With everything else that is wrong.
    wrong = {**town(1, compare_with="nothing", limits={"seconds": -1}), "city": inline_document(streets="nowhere")}
    found = refused(client.post(STUDIES, json=wrong, headers=key))
    assert found.keys() == {"/compare_with", "/limits/seconds", "/city/streets"}
    # One that was stopped with the best so far has a plan as well.
    for right in (good, stopped, None):
        assert client.post(STUDIES, json=town(1, compare_with=right), headers=key).status_code == 202
    # What is kept beside the request cannot be sent.
    assert refused(client.post(STUDIES, json=town(1, earlier=STUDY), headers=key))["/earlier"][0] == "extra_forbidden"
