"""What one poll makes of whatever a feed answers, and how long a failed one waits."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.errors import InvalidInput
from service import feeds
from service.feeds import FeedUnavailable, unavailable
from service.recording.archive import archive
from service.recording.poll import FeedReader
from service.recording.recorder import retry_pause_s
from service.recording.table import append_rows, mend
from tests.service.feed_server import Answer, FeedServer, feed_server, station, status
from tests.service.recorded_files import rows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOON = int(NOW.timestamp())


@pytest.fixture(scope="module")
def server() -> Iterator[FeedServer]:
    with feed_server() as serving:
        yield serving


def test_a_failing_feed_is_tried_later_and_later_up_to_ten_minutes():
    rng = random.Random(1)
    refused = unavailable("fetch_failed", "answers 500", "http://x")
    pauses_s = [retry_pause_s(refused, number, now=NOW, rng=rng) for number in range(1, 40)]
    for number, pause_s in enumerate(pauses_s):
        longest_s = min(600, 10 * 2**number)
        assert longest_s / 2 <= pause_s <= longest_s
    assert len(set(pauses_s)) == len(pauses_s), "jitter"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
FIELDS = (
    *("station_id", "num_bikes_available", "num_vehicles_available", "num_ebikes_available", "num_docks_available"),
    *("num_bikes_disabled", "num_bikes_available_types", "vehicle_types_available", "is_installed", "is_renting"),
)
STATIONS = st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8), max_size=4)
TYPED = st.lists(st.fixed_dictionaries({"vehicle_type_id": VALUES, "count": VALUES}), max_size=2)


@settings(max_examples=100, deadline=None)
@given(stations=STATIONS, typed=TYPED, ttl=VALUES)
def test_whatever_stations_say_is_recorded_and_comes_back(server, tmp_path_factory, stations, typed, ttl):
    first = station("first", 1, vehicle_types_available=typed)
    server.script(status(NOON, [first, *stations], ttl=ttl))
    poll = FeedReader(feeds.users_connector(server.url), server.url).poll()
    assert poll.rows[0].station_id == "first"
    assert 0 <= poll.ttl_s <= 3600
    path = tmp_path_factory.mktemp("any") / "status-2026-11-23.csv"
    append_rows(path, poll.ts, poll.rows)
    assert mend(path) == 0
    assert rows(path) == sorted((NOON, *row) for row in poll.rows)
    archived = archive(path)
    assert archived is not None
    assert rows(archived) == sorted((NOON, *row) for row in poll.rows)


@settings(max_examples=100, deadline=None)
@given(
    document=VALUES | st.fixed_dictionaries({}, optional={"last_updated": st.just(NOON), "ttl": VALUES, "data": VALUES})
)
def test_a_document_that_lists_no_station_is_refused_in_words(server, document):
    server.script(Answer(body=json.dumps(document).encode()))
    with pytest.raises(InvalidInput) as caught:
        FeedReader(feeds.users_connector(server.url), server.url).poll()
    assert caught.value.findings


@pytest.mark.parametrize("later", ["soon", "", "-5", "²", "Thu, 99 Foo 2026 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_not_believed(later):
    refused = unavailable("fetch_failed", "answers 503", "http://x", later=later)
    pause_s = retry_pause_s(refused, 1, now=NOW, rng=random.Random(1))
    assert 5 <= pause_s <= 10


@pytest.mark.parametrize("url", ["http://[", "http://127.0.0.1:99999/x", "http://a b/"])
def test_an_address_that_is_none_is_told_by_the_feed(url):
    with pytest.raises(FeedUnavailable):
        feeds.get_file(feeds.users_connector(url), url)


def test_a_file_that_drips_is_given_up(server, monkeypatch):
    monkeypatch.setattr(feeds, "MAX_FETCH_S", -1.0)
    with pytest.raises(FeedUnavailable, match="takes longer"):
        feeds.get_file(feeds.users_connector(server.url), server.url)
