# tests/e2e/test_clients_live.py: what both client libraries promise of what is pushed: nothing missed, or told so.
import signal
import time

import pytest

from api import patience
from client_fixtures import Client, Live, beside, host, make_host, mika, new_proxy, proxy, site
from client_hosts import Failed
from conftest import OtherGateway

__all__ = ["beside", "host", "mika", "proxy", "site"]


@pytest.fixture
def live(mika, beside):
    made = mika.realtime().subscribe()
    yield made
    made.close()


def is_live(live):
    return live.states()[-1][0] == "live"


def connections(proxy):
    return [seen for seen in proxy.requests("/ws") if seen.status == 101]


def test_what_happens_is_told(live, mika, beside, pomodoro):
    done = mika.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    [completed] = [event for event in live.events() if event["type"] == "challenges.session_completed.v1"]
    assert completed["subject"] == f"challenge_session/{done['session']['id']}" and completed["data"]["performanceScore"] == 80
    assert live.states() == [("connecting", None), ("live", None)]


def test_after_a_cut_nothing_is_missing(live, mika, beside, proxy, pomodoro):
    for turn in range(3):
        mika.practise(pomodoro)
        if turn > 0:
            proxy.trouble("dropped", "/ws", turn)
        assert proxy.cut() == 1
        mika.practise(pomodoro)
        live.until(lambda one: len(connections(proxy)) == turn + 2)
    live.until(lambda one: sum(event["type"] == "challenges.session_completed.v1" for event in one.events()) == 6)
    time.sleep(0.5)
    live.until_level(beside)
    assert not any("missed" in one for one in live.heard)


def test_a_dead_line_is_noticed(mika, beside, proxy, pomodoro):
    live = mika.realtime(quietMs=400, deadMs=800).subscribe()
    time.sleep(2)
    assert len(connections(proxy)) == 1  # it asks in vain for nothing
    proxy.muted = True
    mika.practise(pomodoro)
    time.sleep(0.5)
    proxy.muted = False
    live.until(lambda one: len(connections(proxy)) == 2)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    live.close()


def test_what_can_not_be_told_any_more(mika, beside, pomodoro):
    live = mika.realtime().subscribe(since="forged")
    live.until(lambda one: {"missed": "me"} in one.heard)
    mika.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    live.close()


def test_from_a_position_of_before(mika, live, beside, proxy, pomodoro):
    """As another program would, after this one."""
    mika.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    since = live.position()
    live.close()
    live.until(lambda one: one.states()[-1] == ("ended", None))
    mika.practise(pomodoro)
    later = mika.realtime().subscribe(since=since)
    later.until(lambda one: len(one.events()) + len(live.events()) == len(beside.events("me")))
    assert not any("missed" in one for one in later.heard)
    later.close()


def test_several_channels(mika, live, pomodoro):
    live.subscribe("leaderboard:global")
    mika.practise(pomodoro)
    mine = lambda one: [event for event in one.events("leaderboard:global") if event["userId"] == mika.tokens["userId"]]
    live.until(mine)
    assert mine(live)[0]["type"] == "leaderboard_item"
    live.stop("leaderboard:global")
    before = len(live.events("leaderboard:global"))
    mika.practise(pomodoro)
    live.until(lambda one: sum(event["type"] == "challenges.session_completed.v1" for event in one.events()) == 2)
    time.sleep(0.5)
    assert len(live.events("leaderboard:global")) == before


def test_a_channel_is_followed_once(live, proxy):
    with pytest.raises(Failed, match="followed already"):
        live.subscribe()
    assert is_live(live) and len(connections(proxy)) == 1


def test_gateways_come_and_go(mika, live, beside, proxy, new_gateway, pomodoro):
    """First it says so (1012), then it doesn't: each time on to the next."""
    proxy.target = (second := new_gateway()).api.url
    proxy.cut()
    live.until(lambda one: len(connections(proxy)) == 2)
    third = new_gateway()
    mika.practise(pomodoro)
    proxy.target = third.api.url
    assert second.stop() == 0
    live.until(lambda one: ("waiting", 1012) in one.states() and len(connections(proxy)) == 3)
    mika.practise(pomodoro)
    proxy.target = new_gateway().api.url
    third.stop(signal.SIGKILL)
    mika.practise(pomodoro)
    live.until(lambda one: len(connections(proxy)) == 4)
    live.until(lambda one: sum(event["type"] == "challenges.session_completed.v1" for event in one.events()) == 3)
    time.sleep(0.5)
    live.until_level(beside)
    assert not any("missed" in one for one in live.heard)


def test_a_gateway_that_is_gone_is_waited_for(mika, live, beside, proxy, pomodoro):
    away, proxy.target = proxy.target, "http://127.0.0.1:9"
    proxy.cut()
    live.until(lambda one: one.states().count(("waiting", None)) + one.states().count(("waiting", 1006)) >= 4)
    proxy.target = away
    mika.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)


def test_a_token_that_is_refused_is_renewed(host, proxy, mika, beside, pomodoro):
    resumed = Client(host, proxy.url, tokens=mika.tokens | {"accessToken": "a.b.c"})
    live = resumed.realtime().subscribe()
    assert ("waiting", 4401) in live.states() and proxy.statuses("/auth/refresh") == [200]
    resumed.practise(pomodoro)
    beside.wait_for_event("me", "achievement_unlocked")
    live.until_level(beside)
    live.close()


def test_who_logs_out_is_left_alone(mika, live, proxy):
    other = Client(mika.host, proxy.url, tokens=mika.tokens)
    other.call("logOut")
    live.until(lambda one: one.states()[-1] == ("ended", 4403))
    assert mika.tokens is None and proxy.statuses("/auth/refresh") == [401]
    time.sleep(1)
    assert len(connections(proxy)) == 1
    mika.log_in()
    live.subscribe()
    live.until(is_live)


def test_nobody_is_logged_in(host, proxy):
    live = Client(host, proxy.url).realtime()
    with pytest.raises(Failed, match="SignedOut"):
        live.subscribe()
    assert live.states()[-1][0] == "ended" and not proxy.requests("/ws")


def test_tokens_end_on_live_sockets(env, request, tmp_path, pomodoro):
    """All hosts at once, at a gateway whose tokens last a minute, for longer than one lasts with its leeway: still one connection."""
    gateway = OtherGateway(env, tmp_path / "gateway.log", options=("--token-minutes", "1"))
    hosts = [make_host(name, request) for name in ("python", "node", "chromium")]
    proxies = [new_proxy(gateway.api.url, one) for one in hosts]
    try:
        clients = [Client(one, proxy.url).sign_up() for one, proxy in zip(hosts, proxies)]
        lives = [Live(client, {}).subscribe() for client in clients]
        time.sleep(60 + 30 + 5)
        for client, live, proxy in zip(clients, lives, proxies):
            client.practise(pomodoro)
            live.until(lambda one: "gamification.xp_awarded.v1" in {event["type"] for event in one.events()}, patience(20))
            assert len(connections(proxy)) == 1 and len(proxy.requests("/auth/refresh")) in (1, 2), live.states()
            live.close()
    finally:
        for one in (*hosts, gateway):
            one.end() if hasattr(one, "end") else one.stop()
        for proxy in proxies:
            proxy.close()
