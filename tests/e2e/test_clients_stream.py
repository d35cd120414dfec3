# tests/e2e/test_clients_stream.py: what both client libraries promise of what is pushed, where there are only server-sent events.
import signal
import time

import pytest

from api import patience
from client_fixtures import Client, beside, host, mika, proxy, site
from client_hosts import Failed

__all__ = ["beside", "host", "mika", "proxy", "site"]
NOWHERE = "challenge:01956780-0000-7000-8000-00000000ffff"


@pytest.fixture
def live(mika, beside):
    made = mika.realtime(transport="sse").subscribe()
    yield made
    made.close()


def streams(proxy):
    return [seen for seen in proxy.requests("/events/stream") if seen.status == 200]


def completed(live):
    return sum(event["type"] == "challenges.session_completed.v1" for event in live.events())


def missed(live):
    return [one["missed"] for one in live.heard if "missed" in one]


def test_what_happens_is_told(live, mika, beside, proxy, pomodoro):
    mika.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    assert live.states() == [("connecting", None), ("live", None)] and not proxy.requests("/ws")
    assert streams(proxy)[0].headers["authorization"].startswith("Bearer ") and "last-event-id" not in streams(proxy)[0].headers


def test_after_a_cut_nothing_is_missing(live, mika, beside, proxy, pomodoro):
    for turn in range(2):
        mika.practise(pomodoro)
        proxy.trouble("dropped", "/events/stream", turn + 1)
        assert proxy.cut() == 1
        mika.practise(pomodoro)
        live.until(lambda one: len(streams(proxy)) == turn + 2)
    live.until(lambda one: completed(one) == 4)
    time.sleep(0.3)
    live.until_level(beside)
    assert not missed(live) and all("last-event-id" in seen.headers for seen in streams(proxy)[1:])


def test_a_dead_line_is_noticed(mika, beside, proxy, pomodoro):
    live = mika.realtime(transport="sse", quietMs=300, deadMs=900).subscribe()
    proxy.muted = True
    mika.practise(pomodoro)
    time.sleep(0.5)
    proxy.muted = False
    beside.wait_for_event("me", "achievement_unlocked")
    live.until(lambda one: len(streams(proxy)) >= 2)
    live.until_level(beside)
    live.close()


def test_a_position_is_good_for_either_way(mika, live, beside, pomodoro):
    """What one way has told up to somewhere goes on by the other one, and back."""
    mika.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    heard, since = live.events(), live.position()
    live.close()
    for transport in ("websocket", "sse"):
        mika.practise(pomodoro)
        later = mika.realtime(transport=transport).subscribe(since=since)
        later.until(lambda one: len(one.events()) + len(heard) == len(beside.events("me")))
        time.sleep(0.3)
        heard, since = heard + later.events(), later.position()
        later.close()
        assert not missed(later)
    assert len({event["id"] for event in heard}) == len(heard) >= len(beside.events("me"))


def test_channels_come_and_go(mika, live, beside, proxy, pomodoro):
    mika.practise(pomodoro)
    live.subscribe("leaderboard:global")
    mika.practise(pomodoro)
    live.until(lambda one: any(event["userId"] == mika.tokens["userId"] for event in one.events("leaderboard:global")))
    live.stop("leaderboard:global")
    live.until(lambda one: len(streams(proxy)) == 3)
    mika.practise(pomodoro)
    live.until(lambda one: completed(one) == 3)
    time.sleep(0.3)
    live.until_level(beside)
    assert not missed(live) and [state for state, _ in live.states()] == ["connecting", "live"]


def test_what_is_refused_leaves_the_others_alone(mika, live, proxy, pomodoro):
    """One stream tells all channels: which of them was refused is found out."""
    live.subscribe("leaderboard:global")
    for channel, code in ((NOWHERE, "challenge_not_found"), ("mars", "invalid_parameter")):
        with pytest.raises(Failed) as failed:
            live.subscribe(channel)
        assert (failed.value.name, failed.value.code, failed.value.retryable) == ("Refused", code, False)
    mika.practise(pomodoro)
    live.until(lambda one: completed(one) == 1 and one.events("leaderboard:global"))
    assert not missed(live) and [state for state, _ in live.states()] == ["connecting", "live"]


def test_a_token_that_is_refused_is_renewed(host, proxy, mika, beside, pomodoro):
    resumed = Client(host, proxy.url, tokens=mika.tokens | {"accessToken": "a.b.c"})
    live = resumed.realtime(transport="sse").subscribe()
    assert ("waiting", 4401) in live.states() and proxy.statuses("/auth/refresh") == [200]
    resumed.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    live.close()


def test_a_token_is_renewed_before_it_ends(host, proxy, mika, beside, pomodoro):
    """The stream begins anew with it, from where it was; nobody notices."""
    resumed = Client(host, proxy.url, tokens=mika.tokens | {"endsAt": time.time() * 1000 + 2500})
    live = resumed.realtime(transport="sse").subscribe()
    resumed.practise(pomodoro)
    live.until(lambda one: len(streams(proxy)) == 2)
    resumed.practise(pomodoro)
    live.until(lambda one: completed(one) == 2)
    live.until_level(beside)
    first, second = streams(proxy)
    assert first.headers["authorization"] != second.headers["authorization"] and not missed(live)
    assert [state for state, _ in live.states()] == ["connecting", "live"]
    live.close()


def test_who_logs_out_is_left_alone(mika, live, proxy):
    Client(mika.host, proxy.url, tokens=mika.tokens).call("logOut")
    live.until(lambda one: one.states()[-1] == ("ended", 4403))
    assert mika.tokens is None and proxy.statuses("/auth/refresh") == [401]


def test_gateways_come_and_go(mika, live, beside, proxy, new_gateway, pomodoro):
    proxy.target = (second := new_gateway()).api.url
    proxy.cut()
    live.until(lambda one: len(streams(proxy)) == 2)
    mika.practise(pomodoro)
    proxy.target = new_gateway().api.url
    assert second.stop(signal.SIGTERM) == 0
    live.until(lambda one: ("waiting", 1012) in one.states() and len(streams(proxy)) == 3)
    mika.practise(pomodoro)
    live.until(lambda one: completed(one) == 2)
    time.sleep(0.3)
    live.until_level(beside)
    assert not missed(live)


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_bytes_that_drip_in(mika, beside, proxy, pomodoro, transport):
    """Messages, chunks and letters are cut anywhere."""
    proxy.dripping = True
    live = mika.realtime(transport=transport).subscribe()
    session = mika.call("startSession", pomodoro["id"])["body"]
    mika.call("recordProgress", session["id"], body={"currentPhase": "集中\n\nfocus\r\n🍅"})
    live.until(lambda one: [event["data"].get("currentPhase") for event in one.events()][1:] == ["集中\n\nfocus\r\n🍅"])
    live.until_level(beside)
    assert [state for state, _ in live.states()] == ["connecting", "live"]
    live.close()


def test_too_busy_for_streams(mika, proxy):
    proxy.refuse("/events/stream", 503, 2, Retry_After="1")
    began = time.monotonic()
    live = mika.realtime(transport="sse").subscribe()
    assert time.monotonic() - began >= 2 and proxy.statuses("/events/stream") == [503, 503, 200]
    live.close()


def test_publishing_goes_by_post(mika, live, proxy, pomodoro):
    session = mika.call("startSession", pomodoro["id"])["body"]
    done = live.record_progress(session, "focus", id="the-wish")
    assert done["answer"]["currentPhase"] == "focus" and done["position"] == done["answer"]["position"] and done["replayed"] is False
    [posted] = proxy.requests("/progress")
    assert posted.headers["idempotency-key"] == "the-wish"
    other = mika.realtime()
    assert other.record_progress(session, "focus", id="the-wish")["replayed"] is True
    with pytest.raises(Failed) as failed:
        live.record_progress({"id": "01956780-0000-7000-8000-00000000dead"}, "focus")
    assert (failed.value.name, failed.value.code) == ("Refused", "session_not_found")
    with pytest.raises(Failed, match="needs a WebSocket"):
        live.publish({"type": "show_typing", "channel": NOWHERE})
    other.close()


def test_who_is_there(host, proxy, mika, live, catalogue):
    """One listens by a stream, one by a WebSocket: each sees both."""
    challenge = catalogue["pomodoro"][-1]["id"]
    yuki = Client(host, proxy.url).sign_up()
    other = yuki.realtime().join(challenge)
    live.join(challenge)
    both = {mika.tokens["userId"], yuki.tokens["userId"]}
    live.until(lambda one: one.members(challenge) >= both)
    other.until(lambda one: one.members(challenge) >= both)
    assert other.show_typing(challenge) is True and live.show_typing(challenge) is False
    live.until(lambda one: one.typing(challenge) == [yuki.tokens["userId"]])
    other.close()


def test_where_no_websocket_gets_through(mika, beside, proxy, pomodoro):
    """`auto` tries a WebSocket, then server-sent events."""
    proxy.refuse("/ws", 403, 1000)
    live = mika.realtime(transport="auto", connectMs=3000).subscribe()
    mika.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    assert len(proxy.requests("/ws")) == 1 and len(streams(proxy)) == 1
    session = mika.call("startSession", pomodoro["id"])["body"]
    assert live.record_progress(session, "focus")["answer"]["currentPhase"] == "focus"
    proxy.calm()
    live.close()
    again = mika.realtime(transport="auto").subscribe()
    again.until(lambda one: one.states()[-1][0] == "live", patience(5))
    assert len(streams(proxy)) == 1
    again.close()
