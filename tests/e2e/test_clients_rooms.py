# tests/e2e/test_clients_rooms.py: what both client libraries promise of publishing, of who is there, and of who is typing.
import threading
import time
import uuid

import pytest

from api import Learner, patience
from client_fixtures import Client, at_once, host, mika, proxy, site
from client_hosts import Failed

__all__ = ["host", "mika", "proxy", "site"]


@pytest.fixture
def live(mika):
    made = mika.realtime().subscribe()
    yield made
    made.close()


@pytest.fixture
def session(mika, pomodoro):
    return mika.call("startSession", pomodoro["id"])["body"]


@pytest.fixture
def room(api):
    """The id of a challenge that nobody else practises."""
    return free_room(api)


def free_room(api):
    """Everybody sees those of the catalogue: one of them that no test has taken yet."""
    reader = Learner(api)
    reader.register()
    reader.log_in()
    unused = [challenge["id"] for challenge in reader.challenges() if challenge["id"] not in TAKEN]
    TAKEN.append(unused[-1])
    return unused[-1]


TAKEN = []


def phases(live):
    return [event["data"].get("currentPhase") for event in live.events() if event["type"] == "challenges.session_progressed.v1"]


def refused(live, *told, **options):
    with pytest.raises(Failed) as failed:
        live.record_progress(*told, **options)
    return failed.value


# Publishing


def test_what_is_acknowledged_is_done_and_read(mika, live, proxy, session):
    done = live.record_progress(session, "focus")
    assert done["answer"]["currentPhase"] == "focus" and done["position"] == done["answer"]["position"] and done["replayed"] is False
    assert mika.call("showSession", session["id"])["body"]["currentPhase"] == "focus"
    assert done["position"] in proxy.requests(session["id"])[-1].headers["kiroku-min-position"].split(",")
    live.until(lambda one: phases(one) == ["focus"])
    assert not proxy.requests("/progress")


def test_publishing_connects(mika, session):
    live = mika.realtime()
    assert live.record_progress(session, "focus")["answer"]["currentPhase"] == "focus"
    live.close()


def test_the_same_wish_by_either_way(mika, live, session):
    first = live.record_progress(session, "focus", id="wish")
    again = mika.call("recordProgress", session["id"], body={"currentPhase": "focus"}, idempotencyKey="wish")
    assert again["body"] == first["answer"] and again["replayed"] is True
    assert live.record_progress(session, "focus", id="wish") == first | {"replayed": True}
    assert refused(live, session, "rest", id="wish").code == "idempotency_key_reused"


@pytest.mark.parametrize("muted", [True, "answers"])
def test_what_was_lost_is_told_again_with_the_same_id(live, proxy, session, muted):
    """The wish, or only its acknowledgement: done once in either case."""
    live.record_progress(session, "first")
    proxy.muted = muted
    told = []
    asking = threading.Thread(target=lambda: told.append(live.record_progress(session, "second", id=f"wish-{muted}")))
    asking.start()
    time.sleep(1)
    assert not told
    proxy.muted = False
    assert proxy.cut() == 1
    asking.join(patience(30))
    assert told[0]["answer"]["currentPhase"] == "second" and told[0]["replayed"] is (muted == "answers")
    live.record_progress(session, "third")
    live.until(lambda one: "third" in phases(one))
    assert phases(live) == ["first", "second", "third"]


def test_what_was_published_while_away_is_done_later(live, proxy, session):
    away, proxy.target = proxy.target, "http://127.0.0.1:9"
    proxy.cut()
    live.until(lambda one: one.states()[-1][0] != "live")
    threading.Timer(1, lambda: setattr(proxy, "target", away)).start()
    assert live.record_progress(session, "focus")["answer"]["currentPhase"] == "focus"


def test_many_at_once(live, session):
    """More than a gateway takes at a time, and more than it takes in a second: it never has to complain."""
    wishes = iter([f"phase {number}" for number in range(80)])
    done = at_once(80, lambda: live.record_progress(session, next(wishes)))
    assert len({one["answer"]["currentPhase"] for one in done}) == 80
    live.until(lambda one: len(phases(one)) == 80)
    assert live.states() == [("connecting", None), ("live", None)]


def test_refusals_say_which_and_why(mika, live, session):
    missing = refused(live, {"id": "01956780-0000-7000-8000-00000000dead"}, "focus")
    assert (missing.name, missing.status, missing.code, missing.retryable) == ("Refused", 0, "session_not_found", False)
    mika.call("completeSession", session["id"], body={"performanceScore": 80, "completionTime": 60})
    assert refused(live, session, "focus").code == "session_already_completed"


def test_patience_ends(live, proxy, session):
    proxy.muted = True
    began = time.monotonic()
    lost = refused(live, session, "focus", timeoutMs=600)
    assert lost.name == "Unreachable" and time.monotonic() - began >= 0.6


def test_who_closes_does_not_wait(live, proxy, session):
    proxy.muted = True
    threading.Timer(0.5, live.close).start()
    assert refused(live, session, "focus").name == "KirokuError"


def test_nobody_is_logged_in(host, proxy, session):
    assert refused(Client(host, proxy.url).realtime(), session, "focus").name == "SignedOut"


def test_one_at_a_time_with_the_same_id(live, proxy, session):
    proxy.muted = True
    asking = threading.Thread(target=lambda: refused(live, session, "focus", id="twice", timeoutMs=3000))
    asking.start()
    time.sleep(0.3)
    with pytest.raises(Failed, match="being published already"):
        live.record_progress(session, "focus", id="twice")
    asking.join()


# Who is there


@pytest.fixture
def yuki(host, proxy):
    return Client(host, proxy.url).sign_up()


def user_of(client):
    return client.tokens["userId"]


def told_members(live, room):
    return [set(one["members"]) for one in live.heard if one.get("room") == room and "members" in one]


def test_who_comes_and_goes(mika, yuki, live, room):
    live.join(room)
    live.until(lambda one: one.members(room) == {user_of(mika)})
    other = yuki.realtime().join(room)
    for one in (live, other):
        one.until(lambda one: one.members(room) == {user_of(mika), user_of(yuki)})
    other.leave(room)
    live.until(lambda one: one.members(room) == {user_of(mika)})
    assert told_members(live, room) == [{user_of(mika)}, {user_of(mika), user_of(yuki)}, {user_of(mika)}]
    other.join(room)
    live.until(lambda one: one.members(room) == {user_of(mika), user_of(yuki)})
    other.close()
    live.until(lambda one: one.members(room) == {user_of(mika)})


def test_the_view_outlives_cuts(mika, yuki, live, room, proxy):
    """Who is there is never told to be nobody; who came in the meantime is seen after it."""
    noa = Client(mika.host, proxy.url).sign_up()
    live.join(room)
    other = yuki.realtime().join(room)
    live.until(lambda one: one.members(room) == {user_of(mika), user_of(yuki)})
    assert proxy.cut() == 2
    for one in (live, other):
        one.until(lambda one: one.states().count(("live", None)) == 2)
    time.sleep(0.5)  # the snapshot, which says nothing new
    away, proxy.target = proxy.target, "http://127.0.0.1:9"
    assert proxy.cut() == 2
    live.until(lambda one: one.states()[-1][0] != "live")
    assert live.members(room) == {user_of(mika), user_of(yuki)}
    proxy.target = away
    third = noa.realtime().join(room)
    everybody = {user_of(mika), user_of(yuki), user_of(noa)}
    for one in (live, other, third):
        one.until(lambda one: one.members(room) == everybody)
    told = told_members(live, room)
    assert all(user_of(mika) in members for members in told) and all(one != other for one, other in zip(told, told[1:])), told
    for one in (other, third):
        one.close()


def test_typing_is_shown_once_a_second_and_ends(mika, yuki, live, room):
    other = yuki.realtime().join(room)
    live.join(room)
    live.until(lambda one: len(one.members(room)) == 2)
    said = []
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        said.append(live.show_typing(room))
        time.sleep(0.05)
    assert 2 <= said.count(True) <= 3 < len(said)
    other.until(lambda one: one.typing(room) == [user_of(mika)])
    assert live.typing(room) == []
    other.until(lambda one: one.typing(room) == [])
    assert [one["typing"] for one in other.heard if "typing" in one] == [[user_of(mika)], []]
    assert not any("message" in one for one in live.heard + other.heard)
    other.close()


def test_a_room_that_is_not_there(live, room):
    for _ in range(2):
        with pytest.raises(Failed) as failed:
            live.join(str(uuid.uuid4()))
        assert (failed.value.name, failed.value.code) == ("Refused", "challenge_not_found")
    live.join(room)
    with pytest.raises(Failed, match="followed already"):
        live.join(room)
    live.leave(room)
    live.join(room).until(lambda one: len(one.members(room)) == 1)
    assert live.show_typing(room) is True
