# tests/e2e/test_push_ends.py: who may listen, which messages are refused, and when and how a socket is closed.
import pytest
import websockets

from api import ok, parse_time, refused
from push import Push, listening


@pytest.mark.parametrize("protocols", [(), ("graphql-transport-ws",), ("kiroku.v2.json",)])
def test_the_sub_protocol_is_needed(api, protocols):
    assert Push(api, protocols).close_code() == 4406


def test_the_first_message_authenticates(api, mika):
    push = Push(api)
    push.say({"type": "subscribe", "channel": "me"})
    assert push.close_code() == 4401


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_token_that_is_none(api, token):
    push = Push(api)
    push.say({"type": "authenticate", "token": token})
    assert push.close_code() == 4401


def test_who_says_nothing_is_closed(api):
    assert Push(api).close_code(20) == 4408


@pytest.mark.parametrize("message, code", [
    ("hello", 4400), ("{}", 4400), ('{"type":"dance"}', 4400), ("[]", 4400), ('{"type":"subscribe"}', 4400),
    ('{"type":"ping","extra":true}', 4400), (b"{}", 1003), ("x" * 66_000, 1009)])
def test_messages_that_make_no_sense(api, mika, message, code):
    push = Push(api).authenticate(mika)
    push.say(message)
    assert push.close_code() == code


def test_too_many_messages(api, mika):
    push = Push(api).authenticate(mika)
    try:
        for _ in range(500):
            push.say({"type": "ping"})
    except websockets.ConnectionClosed:
        pass
    assert push.close_code() == 1008


def test_logout_closes_this_sessions_sockets_and_no_others(api, mika):
    phone = mika.another_device()
    mine, _ = listening(api, mika)
    hers, _ = listening(api, phone)
    ok(mika.post("/auth/logout"), 204)
    assert mine.close_code() == 4403
    with hers:
        hers.say({"type": "ping"})
        hers.hears("pong")
    late = Push(api).authenticate(mika)
    assert late.close_code() in (4401, 4403)


def test_a_fresh_token_on_a_live_socket(api, new_learner, mika):
    push, _ = listening(api, mika)
    mika.take(ok(mika.post("/auth/refresh", {"refreshToken": mika.refresh_token}, token=None), 200))
    push.authenticate(mika)
    authenticated = push.hears("authenticated")
    assert authenticated["userId"] == mika.user_id and parse_time(authenticated["expiresAt"])
    push.authenticate(new_learner())
    assert push.close_code() == 4403


def test_plain_requests_are_told_to_upgrade(api):
    refused(api.send("GET", "/ws"), 426, "upgrade_required")


def test_unknown_versions_of_websocket(api):
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "x"}
    answer = api.send("GET", "/ws", headers=headers)
    refused(answer, 426, "upgrade_required")
    assert answer.headers["Sec-WebSocket-Version"] == "13"
    refused(api.send("GET", "/ws", headers=headers | {"Sec-WebSocket-Version": "13"}), 400, "malformed_request")
