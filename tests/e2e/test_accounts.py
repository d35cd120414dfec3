# tests/e2e/test_accounts.py: registering, logging in, staying logged in, logging out.
import base64
import json
import time
import uuid

import pytest

from api import UUID, Learner, ok, refused


def claims_of(token):
    header, payload, signature = token.split(".")
    decode = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    assert len(decode(signature)) == 64
    return json.loads(decode(header)), json.loads(decode(payload))


def refresh(learner, token, key="own"):
    return learner.post("/auth/refresh", {"refreshToken": token}, token=None, key=key)


def is_let_in(learner, token="own"):
    answer = learner.get("/me", token=token)
    if answer.status_code == 200:
        return True
    refused(answer, 401, "session_revoked")
    return False


def test_register_and_log_in(api):
    mika = Learner(api, timezone="Asia/Tokyo", name="Mika 記録")
    registered = ok(mika.register(), 201)
    assert UUID.fullmatch(registered["userId"]) and registered["position"]
    tokens = ok(mika.log_in(), 200)
    assert set(tokens) == {"accessToken", "refreshToken", "tokenType", "expiresIn", "userId"}
    assert tokens["tokenType"] == "Bearer" and tokens["expiresIn"] == 900
    me = ok(mika.get("/me", registered["position"]), 200)
    assert me == {"userId": mika.user_id, "email": mika.email, "displayName": "Mika 記録", "timezone": "Asia/Tokyo"}


def test_access_tokens_are_signed_by_a_published_key(api, mika):
    header, claims = claims_of(mika.access)
    assert header["alg"] == "ES256" and header["typ"] == "at+jwt"
    assert claims["sub"] == mika.user_id and claims["zoneinfo"] == "UTC"
    assert claims["exp"] - claims["iat"] == 900 and abs(claims["iat"] - time.time()) < 60
    keys = ok(api.send("GET", "/.well-known/jwks.json"), 200)["keys"]
    [key] = [key for key in keys if key["kid"] == header["kid"]]
    assert key["kty"] == "EC" and key["crv"] == "P-256" and "d" not in key


def test_an_address_is_taken_whatever_its_letters(api, mika):
    again = Learner(api)
    again.email = " " + mika.email.upper() + " "
    refused(again.post("/auth/register", again.registration, token=None), 409, "email_taken")
    mika.email = mika.email.upper()
    mika.log_in()


@pytest.mark.parametrize("change, where", [
    ({"email": "nobody"}, "/email"), ({"email": "a@b"}, "/email"), ({"email": "two@at@example.org"}, "/email"),
    ({"password": "short"}, "/password"), ({"password": "x" * 129}, "/password"),
    ({"displayName": ""}, "/displayName"), ({"displayName": "a\nb"}, "/displayName"),
    ({"email": None}, "/email"), ({"role": "admin"}, "/role"), ({"timezone": 7}, "/timezone"),
])
def test_register_names_what_is_wrong(api, change, where):
    learner = Learner(api)
    error = refused(learner.post("/auth/register", learner.registration | change, token=None), 422, "invalid_request")
    assert error["details"]["path"] == where and error["details"]["problem"]


def test_register_needs_a_time_zone_that_exists(api):
    learner = Learner(api, timezone="Europe/Atlantis")
    refused(learner.post("/auth/register", learner.registration, token=None), 422, "unknown_timezone")


def test_passwords_may_be_long_and_in_any_script(api):
    learner = Learner(api)
    learner.password = "記" * 64
    learner.register()
    learner.log_in()


def test_login_tells_nothing_about_which_addresses_exist(api, mika):
    def attempt(email):
        started = time.perf_counter()
        answer = mika.post("/auth/login", {"email": email, "password": "not the password"}, token=None)
        took = time.perf_counter() - started
        error = refused(answer, 401, "invalid_credentials")
        return {k: v for k, v in error.items() if k not in ("timestamp", "requestId")}, took

    known, unknown = [], []
    for _ in range(5):
        known.append(attempt(mika.email))
        unknown.append(attempt(f"nobody-{uuid.uuid4()}@example.org"))
    assert all(said == known[0][0] for said, _ in known + unknown)
    median = lambda attempts: sorted(took for _, took in attempts)[2]
    assert 0.5 < median(known) / median(unknown) < 2
    said, _ = attempt("this is no address")
    assert said == known[0][0]


def test_refresh_rotates(mika):
    first = mika.refresh_token
    tokens = ok(refresh(mika, first), 200)
    assert tokens["refreshToken"] != first and tokens["tokenType"] == "Bearer" and tokens["expiresIn"] == 900
    mika.take(tokens)
    assert is_let_in(mika)
    mika.take(ok(refresh(mika, mika.refresh_token), 200))
    assert is_let_in(mika)


def test_the_parent_alone_may_be_retried_and_gets_the_same_child(mika):
    parent = mika.refresh_token
    child = ok(refresh(mika, parent), 200)["refreshToken"]
    for key in ("own", None):
        assert ok(refresh(mika, parent, key), 200)["refreshToken"] == child
    mika.take(ok(refresh(mika, child), 200))
    assert is_let_in(mika)


def test_older_reuse_revokes_the_family(mika):
    phone = mika.another_device()
    grandparent = mika.refresh_token
    parent = ok(refresh(mika, grandparent), 200)["refreshToken"]
    mika.take(ok(refresh(mika, parent), 200))
    refused(refresh(mika, grandparent), 401, "invalid_refresh_token")
    refused(refresh(mika, mika.refresh_token), 401, "session_not_live")
    assert not is_let_in(mika)
    assert is_let_in(phone)


def test_the_parent_is_too_old_after_ten_seconds(mika):
    parent = mika.refresh_token
    mika.take(ok(refresh(mika, parent), 200))
    time.sleep(11)
    refused(refresh(mika, parent), 401, "invalid_refresh_token")
    assert not is_let_in(mika)


@pytest.mark.parametrize("token", ["x", "", "x" * 1025, None, "eyJhbGciOiJub25lIn0.e30."])
def test_refresh_with_nonsense(mika, token):
    answer = refresh(mika, token)
    if isinstance(token, str) and 1 <= len(token) <= 1024:
        refused(answer, 401, "invalid_refresh_token")
    else:
        refused(answer, 422, "invalid_request")


def test_logout_ends_this_session_at_once_and_no_other(mika):
    phone = mika.another_device()
    ok(mika.post("/auth/logout"), 204)
    refused(mika.get("/me"), 401, "session_revoked")
    refused(mika.post("/challenges", {}), 401, "session_revoked")
    refused(refresh(mika, mika.refresh_token), 401, "session_not_live")
    assert is_let_in(phone)
    phone.take(ok(refresh(phone, phone.refresh_token), 200))


def test_logout_everywhere(mika):
    devices = [mika, mika.another_device(), mika.another_device()]
    ok(devices[1].post("/auth/logout-everywhere"), 204)
    for device in devices:
        assert not is_let_in(device)
        refused(refresh(device, device.refresh_token), 401, "session_not_live")
    mika.log_in()
    assert is_let_in(mika)


def forged(token):
    """What attackers try with a token, by the name of the trick."""
    header, payload, signature = token.split(".")
    encode = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    read = claims_of(token)
    return {
        "no algorithm": f"{encode({'alg': 'none', 'typ': 'at+jwt'})}.{payload}.",
        "another algorithm": f"{encode(read[0] | {'alg': 'HS256'})}.{payload}.{signature}",
        "another key": f"{encode(read[0] | {'kid': 'x'})}.{payload}.{signature}",
        "a key to fetch": f"{encode(read[0] | {'jku': 'http://127.0.0.1/'})}.{payload}.{signature}",
        "another user": f"{header}.{encode(read[1] | {'sub': str(uuid.uuid4())})}.{signature}",
        "a longer life": f"{header}.{encode(read[1] | {'exp': 9999999999})}.{signature}",
        "no signature": f"{header}.{payload}.",
        "a cut signature": token[:-4],
        "no token": "x",
        "too long": "x" * 5000,
    }


@pytest.mark.parametrize("trick", forged(".".join(["e30"] * 2 + ["A" * 86])))
def test_forged_tokens(mika, trick):
    refused(mika.get("/me", token=forged(mika.access)[trick]), 401, "invalid_token")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic bWlrYTp4", "Token x"])
def test_without_a_bearer_token(api, header):
    answer = api.send("GET", "/me", headers={"Authorization": header} if header is not None else {})
    refused(answer, 401, "unauthenticated")
    assert "Bearer" in answer.headers["WWW-Authenticate"]
