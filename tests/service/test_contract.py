"""Whatever is sent, in the shape that the API's description asks for or in another, the answer is one that it names."""

from __future__ import annotations

import re
from pathlib import Path

from service.problems import MEDIA_TYPE
from tests.service.clients import local_client
from tests.service.contract import Tried, attack

METHODS = {"get", "post", "put", "patch", "delete", "trace"}


def test_requests_made_of_the_description_are_answered_as_it_says(tmp_path: Path):
    report = attack(Tried.on(tmp_path), cases=300, start=7, per_round=2, told=lambda _: None)
    assert report.failures == {}
    assert report.cases >= 300
    # Not everything is refused at the door, and not everything is let in.
    assert {200, 201, 202, 404, 422} <= set(report.answers)


def test_methods_that_are_not_described_are_refused_as_such(tmp_path: Path):
    tried = Tried.on(tmp_path)
    client = local_client(tried.app)
    paths = tried.app.openapi()["paths"]
    templates = {path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in paths}
    refused = 0
    for path in paths:
        asked = re.sub(r"\{\w+\}", "x", path)
        for method in METHODS:
            # x:cancel could be an id as well.
            if any(method in methods and templates[other].fullmatch(asked) for other, methods in paths.items()):
                continue
            answer = client.request(method.upper(), asked, headers=tried.headers)
            assert (answer.status_code, answer.headers["content-type"]) == (405, MEDIA_TYPE), (method, path)
            assert answer.headers["allow"], (method, path)
            refused += 1
    assert refused > 100
