# tests/e2e/test_conditional.py: ETags, pages by cursor and by link, smaller answers, pages of other origins.
import concurrent.futures
import gzip
import socket
import urllib.parse

import pytest
import requests

from api import TIMEOUT, ok, refused
from conftest import PROGRAM

PAGE = "https://academy.example"


def asked(learner, path, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return learner.api.send("GET", path, headers=learner.headers("own") | headers)


# ETag


@pytest.fixture
def places(mika, pomodoro):
    session = mika.start(pomodoro)
    mika.get(f"/challenge-sessions/{session['id']}", session["position"])
    mika.get("/me/progress", session["position"])
    return ["/me", "/me/progress", "/me/xp-history", "/leaderboards/global", "/challenges", f"/challenges/{pomodoro['id']}",
            "/challenge-sessions", f"/challenge-sessions/{session['id']}", "/openapi.json", "/catalogue", "/docs"]


def test_who_has_a_copy_is_not_sent_another(mika, places):
    for path in places:
        first = asked(mika, path)
        ok(first, 200) if "json" in first.headers["Content-Type"] else None
        again = asked(mika, path, If_None_Match=first.headers["ETag"])
        assert again.status_code == 304 and not again.content, path
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"] != "no-store"
        assert asked(mika, path, If_None_Match='"other", ' + first.headers["ETag"]).status_code == 304
        assert asked(mika, path, If_None_Match='"other"').status_code == 200


def test_a_copy_is_good_until_something_changes(mika, pomodoro):
    session = mika.start(pomodoro)
    place = f"/challenge-sessions/{session['id']}"
    before = {path: mika.get(path, session["position"]).headers["ETag"] for path in (place, "/me/progress", "/leaderboards/global")}
    done = mika.complete(session)
    for path, tag in before.items():
        headers = mika.headers("own") | {"If-None-Match": tag, "Kiroku-Min-Position": done["position"]}
        answer = mika.api.send("GET", path, headers=headers)
        assert answer.status_code == 200 and answer.headers["ETag"] != tag, path


def test_only_the_version_that_was_read_is_changed(mika, pomodoro):
    session = mika.start(pomodoro)
    place = f"/challenge-sessions/{session['id']}"
    read = mika.get(place, session["position"])
    assert read.headers["ETag"] == '"1"'

    def change(verb, body, tag, key="own"):
        headers = mika.headers("own") | {"If-Match": tag, "Idempotency-Key": key} if key != "own" else mika.headers("own") | {"If-Match": tag}
        return mika.api.send("POST", f"{place}/{verb}", json=body, headers=headers)

    told = change("progress", {"currentPhase": "focus"}, '"1"')
    assert ok(told, 200) and told.headers["ETag"] == '"2"'
    error = refused(change("complete", {"performanceScore": 80, "completionTime": 60}, '"1"'), 412, "precondition_failed")
    assert not error["retryable"]
    assert mika.get(place, told.headers["Kiroku-Position"]).json()["status"] == "in_progress"
    refused(change("complete", {"performanceScore": 80, "completionTime": 60}, "2"), 400, "invalid_precondition")
    done = change("complete", {"performanceScore": 80, "completionTime": 60}, '"2"', key="once")
    assert ok(done, 200) and done.headers["ETag"] == '"3"'
    assert mika.get(place, done.headers["Kiroku-Position"]).headers["ETag"] == '"3"'
    again = change("complete", {"performanceScore": 80, "completionTime": 60}, '"2"', key="once")
    assert ok(again, 200) and again.headers["Idempotent-Replayed"] == "true"


def test_of_two_who_change_the_same_version_one_succeeds(mika, pomodoro):
    session = mika.start(pomodoro)

    def tell(phase):
        headers = mika.headers("own") | {"If-Match": '"1"'}
        return mika.api.send("POST", f"/challenge-sessions/{session['id']}/progress", json={"currentPhase": phase}, headers=headers)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(tell, [f"phase {i}" for i in range(8)]))
    assert statuses == [200] + [412] * 7


def test_somebody_elses_session_is_not_there_whatever_the_tag(mika, new_learner, pomodoro):
    session = mika.start(pomodoro)
    other = new_learner()
    for tag in ('"1"', '"9"', "*"):
        headers = other.headers("own") | {"If-Match": tag}
        refused(other.api.send("POST", f"/challenge-sessions/{session['id']}/abandon", json={}, headers=headers), 404, "session_not_found")


def test_a_board_that_is_kept_says_what_it_includes(mika, new_learner, pomodoro):
    """Many ask at once and are answered from the same moment; who needs more than that gets it."""
    other = new_learner()
    for learner in (mika, other, mika):
        for _ in range(3):
            asked(learner, "/leaderboards/global?limit=100")
        done = learner.practise(pomodoro)
        board = learner.get("/leaderboards/global?limit=100", done["position"])
        assert ok(board, 200)["me"]["xp"] == learner.progress(done["position"])["totalXp"]
        again = learner.get("/leaderboards/global?limit=100", board.headers["Kiroku-Position"])
        assert ok(again, 200)["me"]["xp"] >= board.json()["me"]["xp"]


# Pages


def test_lists_go_on_by_link_and_by_cursor(mika, pomodoro):
    for _ in range(5):
        position = mika.practise(pomodoro)["position"]
    for path, key in (("/me/xp-history?sort=occurredAt&limit=2", "occurredAt"), ("/challenges?limit=2&type=pomodoro", "createdAt"),
                      ("/challenge-sessions?sort=startTime&limit=2", "startTime"), ("/challenges?sort=-createdAt&limit=3", "createdAt")):
        seen, next_path = [], path
        while next_path:
            answer = mika.get(next_path, position)
            page = ok(answer, 200)
            seen += page["items"]
            assert ("next" in answer.links) == (page["nextCursor"] is not None)
            next_path = answer.links["next"]["url"] if "next" in answer.links else None
            assert next_path is None or urllib.parse.quote(page["nextCursor"]) in next_path
        ids = [item.get("id") or item["awardId"] for item in seen]
        assert len(ids) == len(set(ids)) > 2, path
        times = [item[key] for item in seen]
        assert times == sorted(times, reverse="sort=-" in path), path
        whole = ok(mika.get(path.replace("limit=2", "limit=100").replace("limit=3", "limit=100"), position), 200)["items"]
        assert [item.get("id") or item["awardId"] for item in whole] == ids


def test_cursors_are_good_for_their_list_only(mika, new_learner, pomodoro):
    cursor = ok(mika.get("/challenges?limit=1"), 200)["nextCursor"]
    ok(mika.get(f"/challenges?limit=5&cursor={cursor}"), 200)
    other = new_learner()
    for learner, query in ((other, f"cursor={cursor}"), (mika, f"cursor={cursor}&type=pomodoro"), (mika, f"cursor={cursor}&sort=-createdAt"),
                           (mika, f"cursor={cursor[:-1]}{'A' if cursor[-1] != 'A' else 'Q'}"), (mika, f"cursor=A{cursor}"),
                           (mika, "cursor=1772798400000_01956780-0000-7000-8000-000000000001"), (mika, "cursor=" + "A" * 128)):
        error = refused(learner.get(f"/challenges?{query}"), 400, "invalid_parameter")
        assert error["details"]["parameter"] == "cursor"
    refused(mika.get(f"/challenge-sessions?cursor={cursor}"), 400, "invalid_parameter")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=-1", "limit=1000000000", "limit=1e9", "limit=", "sort=title", "sort=",
                                   "sort=createdAt;DROP TABLE x", "sort=createdAt&sort=-createdAt", "order=asc", "cursor=", "filter=x"])
def test_what_a_list_is_not_asked_for(mika, query):
    answer = mika.get(f"/challenges?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in ("invalid_parameter", "unknown_parameter", "invalid_target")


# Fewer bytes


def wire(api, path, accept, token):
    """What really comes, not what a library makes of it."""
    parts = urllib.parse.urlsplit(api.url)
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: {accept}\r\nAuthorization: Bearer {token}\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port), TIMEOUT) as connection:
        connection.sendall(request.encode())
        got = b""
        while chunk := connection.recv(65536):
            got += chunk
    head, _, body = got.partition(b"\r\n\r\n")
    return dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:]), body


def test_large_answers_are_compressed_for_whom_they_can_be(api, mika):
    plain, body = wire(api, "/challenges?limit=100", "identity", mika.access)
    assert "Content-Encoding" not in plain and "Accept-Encoding" in plain["Vary"]
    small, packed = wire(api, "/challenges?limit=100", "gzip", mika.access)
    assert small["Content-Encoding"] == "gzip" and gzip.decompress(packed) == body and len(packed) * 2 < len(body)
    assert small["ETag"] == plain["ETag"]
    best, brotli = wire(api, "/openapi.json", "gzip, deflate, br", mika.access)
    assert best["Content-Encoding"] == "br" and int(best["Content-Length"]) == len(brotli)
    assert len(brotli) * 5 < len(wire(api, "/openapi.json", "identity", mika.access)[1])
    for path in ("/me", "/healthz"):
        assert "Content-Encoding" not in wire(api, path, "gzip, br", mika.access)[0]
    assert requests.get(api.url + "/openapi.json", timeout=TIMEOUT).json()["openapi"].startswith("3.1")


# Pages of other origins


def test_a_page_may_do_what_its_origin_may(new_gateway):
    one = new_gateway(PROGRAM, "--origins", PAGE)
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,idempotency-key"}
    asked_first = requests.options(one.api.url + "/challenges", headers=headers, timeout=TIMEOUT)
    assert asked_first.status_code == 204 and asked_first.headers["Access-Control-Allow-Origin"] == PAGE
    refused_read = one.api.send("GET", "/me", headers={"Origin": PAGE})
    assert refused_read.status_code == 401 and refused_read.headers["Access-Control-Allow-Origin"] == PAGE
    foreign = one.api.send("GET", "/healthz", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers and "Origin" in foreign.headers["Vary"]
