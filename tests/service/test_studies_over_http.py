"""Siting studies through real HTTP, on both databases, with the real solver: submit, follow, fetch, cancel, refuse."""

from __future__ import annotations

import json
from typing import Any

from tests.service.cities import tiny_request
from tests.service.running import FINAL, RunningService, wait_for
from tests.siting_folders import PEOPLE, collection, inline_document

STUDIES = "/v1/siting-studies"


def request(**more: Any) -> dict[str, Any]:
    return {"city": "paris-8e", "limits": {"seconds": 2}, **more}


def submit(service: RunningService, body: dict[str, Any], **headers: str) -> str:
    answer = service.http.post(STUDIES, json=body, headers=headers)
    assert answer.status_code in (200, 202), answer.text
    return str(answer.headers["Location"])


def ended(service: RunningService, path: str) -> dict[str, Any]:
    def final() -> dict[str, Any] | None:
        study: dict[str, Any] = service.http.get(path).raise_for_status().json()
        return study if study["status"] in FINAL else None

    return wait_for(final, within_s=120, what=path)


def test_a_study_is_accepted_made_and_can_be_fetched_in_every_form(service: RunningService):
    answer = service.http.post(STUDIES, json=request(name="eighth"))
    assert answer.status_code == 202
    path = answer.headers["Location"]
    assert path == f"{STUDIES}/{answer.json()['id']}" == answer.json()["links"]["self"]
    assert int(answer.headers["Retry-After"]) > 0

    study = ended(service, path)

    assert (study["status"], study["name"], study["error"]) == ("succeeded", "eighth", None)
    document = study["study"]
    assert document["stop_reason"] == study["stop_reason"]
    assert 0 < document["value"] <= document["upper_bound"]
    assert study["progress"]["beside"] is None
    assert document["conflicts"] == []
    for part in ("figures", "sites", "conflicts", "unserved"):
        assert service.http.get(f"{path}/{part}").json() == document[part]
    assert service.http.get(f"{path}/nothing").status_code == 404
    assert service.http.get(f"{path}/export.exe").status_code == 422
    for link in study["links"]["export"]:
        assert service.http.get(link).status_code == 200, link
    assert service.http.get(f"{path}/export.servings.csv").text.startswith("phase,")
    assert service.http.get(f"{path}/export.demand.geojson").json()["type"] == "FeatureCollection"
    assert path in [item["links"]["self"] for item in service.http.get(STUDIES).json()["items"]]


def test_events_tell_the_whole_story(service: RunningService):
    path = submit(service, request())
    ended(service, path)
    page = service.http.get(f"{path}/events", params={"after": 0}).json()
    kinds = [item["kind"] for item in page["items"]]
    assert [item["seq"] for item in page["items"]] == list(range(1, len(kinds) + 1))
    assert (kinds[0], kinds[-1], page["is_final"]) == ("status", "end", True)
    with service.http.stream("GET", f"{path}/events", headers={"Accept": "text/event-stream"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "event: end" in "".join(answer.iter_text())


def test_wishes_take_the_place_of_the_citys_and_what_gives_way_is_a_result(service: RunningService):
    path = submit(service, request(wishes={"budget": 0, "force": ["existing-nowhere"]}))
    study = ended(service, path)
    # Sites are looked up by the worker, which tells all that is wrong with the wishes.
    assert study["status"] == "invalid"
    (finding,) = study["error"]["findings"]
    assert (finding["code"], finding["pointer"]) == ("unknown_site", "/wishes/force")

    site = next(item["site_id"] for item in ended(service, submit(service, request()))["study"]["sites"])
    study = ended(service, submit(service, request(wishes={"budget": 0, "force": [site]})))
    assert study["status"] == "succeeded"
    assert study["study"]["total_cost"] == 0
    assert "force" in {conflict["rule"] for conflict in study["study"]["conflicts"]}


def test_everything_that_is_wrong_is_told_at_once(service: RunningService):
    body = {
        "city": "coquimb",
        "wishes": {"floor": 2, "max_new_sitez": 3, "force": ["a"], "ban": ["a"]},
        "limits": {"seconds": -1},
        "nmae": 1,
    }
    answer = service.http.post(STUDIES, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    found = {finding["pointer"]: finding["code"] for finding in answer.json()["errors"]}
    assert found == {
        "/city": "unknown_city",
        "/wishes/floor": "less_than_equal",
        "/wishes/max_new_sitez": "extra_forbidden",
        "/wishes": "force_and_ban",
        "/limits/seconds": "greater_than",
        "/nmae": "extra_forbidden",
    }
    answer = service.http.post(STUDIES, json=request(wishes={"force": ["a"], "ban": ["a"]}))
    assert [(finding["pointer"], finding["code"]) for finding in answer.json()["errors"]] == [
        ("/wishes", "force_and_ban")
    ]
    answer = service.http.post(STUDIES, json=request(limits={"seconds": 1e9}))
    assert answer.status_code == 422
    assert service.http.post(STUDIES, content=b"{").json()["code"] == "malformed_body"


def test_a_city_given_in_full_is_studied(service: RunningService):
    more = {"weigh_nights": True, "sensitivity": True}
    body = {"city": inline_document(), "wishes": {"max_new_sites": 1}, "limits": {"seconds": 1}, **more}
    study = ended(service, submit(service, body))
    assert (study["status"], study["name"]) == ("succeeded", "town")
    # x serves 30 and y serves 20 people.
    assert study["study"]["value"] == 30
    assert [site["site_id"] for site in study["study"]["sites"] if site["is_built"]] == ["x"]
    assert study["study"]["sensitivity"]["times_chosen"]["x"]["search"] == 5
    # The last that was told is how far that is, and what the study itself came to.
    assert study["progress"]["beside"] == {"what": "sensitivity", "made": 20, "of": 20}
    assert (study["progress"]["objective"], study["progress"]["best_bound"]) == (30, study["study"]["upper_bound"])
    # A city in full has no bikes, and says so.
    assert study["study"]["bike_nights"] is None
    assert "no_night" in {warning["code"] for warning in study["study"]["warnings"]}


def test_what_is_odd_is_told_in_the_answer_to_the_submission(service: RunningService):
    city = inline_document(chargers=collection([{"id": "old", "at": 2}]))
    answer = service.http.post(STUDIES, json={"city": city, "limits": {"seconds": 1}})
    assert answer.status_code == 202
    (warning,) = answer.json()["warnings"]
    assert (warning["code"], warning["pointer"]) == ("plugs_assumed", "/city/chargers/features/0")
    study = ended(service, answer.headers["Location"])["study"]
    assert {"source": "request", "where": warning["pointer"], "message": warning["detail"]}.items() <= next(
        told for told in study["warnings"] if told["code"] == warning["code"]
    ).items()


def test_what_is_odd_is_told_beside_what_is_wrong(service: RunningService):
    def told(city: dict[str, Any], **wishes: Any) -> tuple[set[str], set[tuple[str, str]]]:
        answer = service.http.post(STUDIES, json={"city": city, "wishes": wishes})
        assert answer.status_code == 422, answer.text
        errors, warnings = answer.json()["errors"], answer.json()["warnings"]
        return {error["code"] for error in errors}, {(odd["code"], odd["pointer"]) for odd in warnings}

    odd = {("plugs_assumed", "/city/chargers/features/0")}
    city = inline_document(chargers=collection([{"id": "old", "at": 2}]))
    assert told(city, force=["xx"]) == ({"unknown_site"}, odd)
    # Also where the city is no city, and its files are looked at all the same.
    assert told({**city, "siting": {"florr": 1}}) == ({"extra_forbidden"}, odd)


def test_a_city_given_in_full_is_refused_with_everything_that_is_wrong(service: RunningService):
    city = inline_document(streets="nowhere", demand=collection([{**PEOPLE[0], "weight": -1}, PEOPLE[1]]))
    answer = service.http.post(STUDIES, json={"city": city, "wishes": {"force": ["xx"]}, "limits": {"seconds": -1}})
    assert answer.status_code == 422
    assert {finding["pointer"] for finding in answer.json()["errors"]} == {
        "/limits/seconds",
        "/city/streets",
        "/city/demand/features/0",
    }
    city = inline_document(streets="nowhere")
    answer = service.http.post(STUDIES, json={"city": city, "wishes": {"force": ["xx"]}})
    assert {finding["pointer"]: finding["code"] for finding in answer.json()["errors"]} == {
        "/city/streets": "unknown_streets",
        "/wishes/force": "unknown_site",
    }
    city = {**inline_document(), "siting": {"florr": 1}}
    answer = service.http.post(STUDIES, json={"city": city})
    assert [finding["pointer"] for finding in answer.json()["errors"]] == ["/city/siting/florr"]


def test_a_key_gives_the_same_study_and_no_plan(service: RunningService):
    key = {"Idempotency-Key": "study-1"}
    first = submit(service, request(name="once"), **key)
    assert submit(service, request(name="once"), **key) == first
    assert (
        service.http.post(STUDIES, json=request(name="twice"), headers=key).json()["code"] == "idempotency_key_reused"
    )
    # The same key of another kind of job is another key.
    plan = service.submit(tiny_request(), **key)
    assert plan["id"].startswith("pln_")
    assert service.http.get(f"{STUDIES}/{plan['id']}").status_code == 404
    assert service.http.get(first.replace("siting-studies", "rebalancing-plans")).status_code == 404


def test_waiting_answers_in_the_same_call_and_cancelling_ends_a_queued_one(service: RunningService):
    running = submit(service, request(limits={"seconds": 8}, name="first"))
    waiting = submit(service, request(name="second"))
    cancelled = service.http.post(f"{waiting}:cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert service.http.get(f"{waiting}/figures").json()["code"] == "no_result"
    ended(service, running)
    answer = service.http.post(STUDIES, json=request(limits={"seconds": 1}), headers={"Prefer": "wait=30"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert json.loads(answer.text)["study"]["value"] > 0


def test_halves_of_characters_in_parts_that_nobody_reads_are_refused_where_they_stand(service: RunningService):
    city = inline_document()
    city["demand"]["features"][1] |= {"type": "\ud800", "\udfffb": "pairs \U0001f6b2 are fine"}
    answer = service.http.post(
        STUDIES, content=json.dumps({"city": city}), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert {(error["code"], error["pointer"]) for error in answer.json()["errors"]} == {
        ("not_unicode", "/city/demand/features/1/type"),
        ("not_unicode", "/city/demand/features/1/\\udfffb"),
    }
