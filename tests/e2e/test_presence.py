# tests/e2e/test_presence.py: who practises the same challenge now, and who is typing, over one gateway and over several.
import signal
import time

import pytest

from api import ok, parse_time
from push import Push, listening
from stream import Stream


@pytest.fixture
def channel(mika):
    """Of a challenge of Mika's own making, where nobody else comes by."""
    made = ok(mika.post("/challenges", {"type": "custom", "title": "Mine", "description": "My own.", "difficulty": 1,
                                        "estimatedDuration": 5, "instructions": ["Begin."]}), 201)
    ok(mika.get(f"/challenges/{made['id']}", made["position"]), 200)
    return f"challenge:{made['id']}"


@pytest.fixture(scope="module")
def unused(catalogue):
    """Channels of the catalogue's challenges."""
    return [f"challenge:{challenge['id']}" for challenges in catalogue.values() for challenge in challenges]


@pytest.fixture
def shared(unused):
    """A channel in which no other test has left anybody."""
    return unused.pop()


def there(api, learner, channel):
    push, subscribed = listening(api, learner, channel)
    assert subscribed["channel"] == channel
    return push


def test_a_snapshot_then_differences(api, new_learner, mika, shared):
    yuki = new_learner()
    with there(api, mika, shared) as push:
        snapshot = push.hears("presence")
        [member] = snapshot["members"]
        assert set(member) == {"userId", "since"} and member["userId"] == mika.user_id and parse_time(member["since"])
        with there(api, yuki, shared) as other:
            push.wait_for_members(shared, {mika.user_id, yuki.user_id})
            other.wait_for_members(shared, {mika.user_id, yuki.user_id})
            assert [message["type"] for message in other.messages].count("presence") == 1
        push.wait_for_members(shared, {mika.user_id})
        assert [message["type"] for message in push.messages if message.get("channel") == shared].count("presence") == 1


def test_several_tabs_count_once(api, new_gateway, new_learner, mika, shared):
    yuki, other = new_learner(), new_gateway().api
    with there(api, mika, shared) as push:
        push.wait_for_members(shared, {mika.user_id})
        tabs = [there(api, yuki, shared), there(api, yuki, shared), there(other, yuki, shared)]
        push.wait_for_members(shared, {mika.user_id, yuki.user_id})
        for tab in tabs[:2]:
            tab.close()
        time.sleep(4)
        push.wait_for_members(shared, {mika.user_id, yuki.user_id}, 1)
        changes = [message for message in push.messages if message["type"] == "presence_changed"]
        assert len(changes) == 1
        tabs[2].close()
        push.wait_for_members(shared, {mika.user_id})


def test_over_two_gateways_and_one_that_comes_later(api, new_gateway, new_learner, mika, shared):
    yuki, noa = new_learner(), new_learner()
    all_three = {mika.user_id, yuki.user_id, noa.user_id}
    with there(api, mika, shared) as first, there(new_gateway().api, yuki, shared) as second:
        first.wait_for_members(shared, {mika.user_id, yuki.user_id})
        second.wait_for_members(shared, {mika.user_id, yuki.user_id})
        with there(new_gateway().api, noa, shared) as third:
            for push in (first, second, third):
                push.wait_for_members(shared, all_three)
            first.say({"type": "unsubscribe", "channel": shared})
            third.wait_for_members(shared, all_three - {mika.user_id})


def test_those_of_a_gateway_that_was_killed_are_gone_soon(api, new_gateway, new_learner, mika, shared):
    yuki, gateway = new_learner(), new_gateway()
    with there(api, mika, shared) as push:
        lost = there(gateway.api, yuki, shared)
        push.wait_for_members(shared, {mika.user_id, yuki.user_id})
        gateway.stop(signal.SIGKILL)
        lost.close_code()
        push.wait_for_members(shared, {mika.user_id}, 25)


def test_who_moves_to_another_gateway_is_there(api, new_gateway, new_learner, mika, shared):
    yuki, gateway = new_learner(), new_gateway()
    with there(api, mika, shared) as push:
        moving = there(gateway.api, yuki, shared)
        push.wait_for_members(shared, {mika.user_id, yuki.user_id})
        gateway.process.send_signal(signal.SIGTERM)
        assert moving.close_code() == 1012
        with there(api, yuki, shared):
            gateway.process.wait(60)
            time.sleep(4)
            push.wait_for_members(shared, {mika.user_id, yuki.user_id})
            changes = [message for message in push.messages if message["type"] == "presence_changed"]
            assert len(changes) <= 3  # she came, and if that took too long, left and came again


def test_foreign_and_unknown_challenges_are_as_if_they_did_not_exist(api, new_learner, mika, channel):
    with there(api, mika, channel) as push:
        push.wait_for_members(channel, {mika.user_id})
        with Push(api).authenticate(new_learner()) as foreign:
            for name in (channel, "challenge:01956780-0000-7000-8000-00000000ffff"):
                foreign.say({"type": "subscribe", "channel": name})
                error = foreign.hears("error")
                assert (error["code"], error["channel"], error["retryable"]) == ("challenge_not_found", name, False)
            foreign.say({"type": "subscribe", "channel": "challenge:x"})
            assert foreign.hears("error")["code"] == "unknown_channel"
        time.sleep(0.5)
        assert push.members(channel) == {mika.user_id}


def test_resuming_says_that_nothing_was_missed_and_who_is_there(api, mika, channel):
    push, first = listening(api, mika, channel)
    push.close()
    push, again = listening(api, mika, channel, first["position"])
    with push:
        assert again["recovered"] is True
        push.wait_for_members(channel, {mika.user_id})


def test_typing_is_shown_to_the_others_throttled_and_not_kept(api, new_gateway, new_learner, mika, shared):
    yuki, noa, other = new_learner(), new_learner(), new_gateway().api
    with there(api, mika, shared) as push, there(api, yuki, shared) as here, there(other, noa, shared) as away:
        for one in (here, away):
            one.wait_for_members(shared, {mika.user_id, yuki.user_id, noa.user_id})
        began = time.monotonic()
        for number in range(15):
            push.publish(str(number), {"type": "show_typing", "channel": shared})
            assert push.answered(str(number)) == {"type": "ack", "id": str(number)}
            time.sleep(0.1)
        time.sleep(0.5)
        most = 1 + int(time.monotonic() - began)
        for one in (here, away):
            seen = one.typing(shared)
            assert 1 <= len(seen) <= most and all(message["userId"] == mika.user_id for message in seen)
            assert (parse_time(seen[0]["expiresAt"]) - parse_time(ok_time(api))).total_seconds() < 6
        assert push.typing(shared) == []
    with there(api, new_learner(), shared) as late:
        late.hears("presence")
        assert late.typing(shared) == []


def ok_time(api):
    """The gateway's clock, as an error tells it."""
    return api.send("GET", "/nowhere").json()["error"]["timestamp"]


def test_typing_needs_to_be_there(api, mika, channel):
    with Push(api).authenticate(mika) as push:
        for id, name in (("a", channel), ("b", "me")):
            push.publish(id, {"type": "show_typing", "channel": name})
            assert push.answered(id)["code"] == "not_subscribed"


def test_by_server_sent_events_too(api, new_learner, mika, shared):
    yuki = new_learner()
    with there(api, mika, shared) as push, Stream(api, yuki, f"me,{shared}") as stream:
        push.wait_for_members(shared, {mika.user_id, yuki.user_id})
        stream.wait_for(lambda: stream.of_kind("presence"))
        push.publish("a", {"type": "show_typing", "channel": shared})
        stream.wait_for(lambda: stream.of_kind("typing"))
        assert stream.of_kind("typing")[0]["userId"] == mika.user_id
    with Stream(api, mika, f"me,{shared}", stream.last_id) as resumed:
        assert [each["recovered"] for each in resumed.subscribed()][:1] == [False]  # somebody else's


def test_a_stream_of_a_foreign_challenge(api, new_learner, channel):
    answer = new_learner().get("/events/stream", params={"channel": channel})
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "challenge_not_found"
