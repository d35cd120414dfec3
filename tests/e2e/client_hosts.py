# tests/e2e/client_hosts.py: where our client libraries live in tests: Python, Node and a browser, all told the same.
import concurrent.futures
import dataclasses
import itertools
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time

from api import patience
from conftest import ROOT

sys.path.insert(0, str(ROOT / "gateway/clients/python"))

from kiroku import Kiroku, KirokuError, Patience, Tokens  # noqa: E402

SECONDS = 90


class Failed(Exception):
    """What the client threw: its class's name, and what it holds."""

    def __init__(self, name, message="", **more):
        super().__init__(f"{name}: {message}")
        self.name = name
        self.status, self.code = more.get("status"), more.get("code")
        self.details, self.request_id, self.retryable = more.get("details"), more.get("requestId"), more.get("retryable")


def snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def in_seconds(settings):
    """{"attemptMs": 500} → {"attempt": 0.5}."""
    return {snake(name).removesuffix("_ms"): value / 1000 if name.endswith("Ms") else value for name, value in settings.items()}


class PythonHost:
    """Answers what agent.js answers."""

    name, site = "python", None

    def __init__(self, trusted=None):
        self.trusted = trusted
        self.clients, self.lives, self.rooms = {}, {}, {}

    def visit(self, url):
        pass

    def ask(self, do, **told):
        try:
            return getattr(self, do)(**told)
        except KirokuError as error:
            more = {"requestId": getattr(error, "request_id", None)}
            more |= {name: getattr(error, name, None) for name in ("status", "code", "details", "retryable")}
            raise Failed(type(error).__name__, str(error), **more) from error

    def client(self, client, url, settings):
        tokens = settings.get("tokens") and Tokens(**{snake(name): value for name, value in settings["tokens"].items() if name != "endsAt"},
                                                   ends_at=settings["tokens"]["endsAt"] / 1000)
        tls = ssl.create_default_context(cafile=self.trusted) if self.trusted else None
        self.clients[client] = Kiroku(url, tls=tls, patience=Patience(**in_seconds(settings.get("patience", {}))), tokens=tokens,
                                      on_tokens=lambda new: setattr(self.clients[client], "changed", new))

    def call(self, client, method, path=(), body=None, query=None, options=None):
        how = {snake(name): value for name, value in (options or {}).items() if name != "timeoutMs"}
        how |= {"timeout": options["timeoutMs"] / 1000} if options and "timeoutMs" in options else {}
        answer = getattr(self.clients[client], snake(method))(*path, *([] if body is None else [body]), **(query or {}), **how)
        return {"status": answer.status, "body": answer.body, "position": answer.position, "replayed": answer.replayed,
                "requestId": answer.request_id, "etag": answer.etag}

    def collect(self, client, method, query, most):
        return list(itertools.islice(getattr(self.clients[client], snake(method))(**query), most))

    def tokens(self, client):
        tokens = self.clients[client].login.current
        return tokens and {"accessToken": tokens.access_token, "refreshToken": tokens.refresh_token, "userId": tokens.user_id,
                           "endsAt": tokens.ends_at * 1000}

    def changed(self, client):
        return self.clients[client].changed

    def realtime(self, client, live, settings):
        heard = []
        made = self.clients[client].realtime(**in_seconds(settings), on_message=lambda message: heard.append({"message": message}),
                                             on_state=lambda state, code, _: heard.append({"state": state, "code": code}))
        self.lives[live] = (made, heard, {})
        self.rooms[live] = {}

    def subscribe(self, live, channel, since=None):
        made, heard, subscriptions = self.lives[live]
        subscriptions[channel] = made.subscribe(channel, lambda event: heard.append({"channel": channel, "event": event}),
                                                lambda: heard.append({"missed": channel}), since)
        assert subscriptions[channel].wait(SECONDS)

    def publish(self, live, message, options):
        how = {"timeout": options["timeoutMs"] / 1000} if "timeoutMs" in options else {}
        return dataclasses.asdict(self.lives[live][0].publish(message, id=options.get("id"), **how))

    def join(self, live, challenge):
        made, heard, _ = self.lives[live]
        self.rooms[live][challenge] = made.join(
            challenge, lambda members: heard.append({"room": challenge, "members": [member["userId"] for member in members]}),
            lambda user_ids: heard.append({"room": challenge, "typing": user_ids}))
        assert self.rooms[live][challenge].wait(SECONDS)

    def room(self, live, challenge):
        room = self.rooms[live][challenge]
        return {"members": room.members, "typing": room.typing}

    def showTyping(self, live, challenge):
        return self.rooms[live][challenge].show_typing()

    def leave(self, live, challenge):
        self.rooms[live][challenge].leave()

    def heard(self, live):
        return list(self.lives[live][1])

    def position(self, live, channel):
        return self.lives[live][2][channel].position

    def stop(self, live, channel):
        self.lives[live][2][channel].stop()

    def close(self, live):
        self.lives[live][0].close()

    def end(self):
        for made, _, _ in self.lives.values():
            made.close()


class JavaScriptHost:
    """Talks to agent.js: `_say` takes a command as JSON; its result comes by `_take`."""

    def __init__(self):
        self.ids = itertools.count()
        self.waiting = {}

    def ask(self, do, **told):
        told = self._arguments(**told) if do == "call" else told
        if do == "collect":
            told = {"args": [told.pop("query")], **told}
        result = self.waiting[number := next(self.ids)] = concurrent.futures.Future()
        self._say(json.dumps({"id": number, "do": do, **told}))
        answer = result.result(patience(SECONDS))
        if "error" in answer:
            raise Failed(**answer["error"])
        return answer["result"]

    @staticmethod
    def _arguments(client, method, path=(), body=None, query=None, options=None):
        return {"client": client, "method": method, "args": [*path, *(one for one in (body, query, options or {}) if one is not None)]}

    def _take(self, answer):
        self.waiting.pop(answer["id"]).set_result(answer)


class NodeHost(JavaScriptHost):
    name = "node"

    def __init__(self, site, trusted=None):
        super().__init__()
        self.site = site
        more = {"NODE_EXTRA_CA_CERTS": str(trusted)} if trusted else {}
        node = os.environ.get("KIROKU_NODE", "node")
        self.process = subprocess.Popen([node, site / "node.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                                        env=os.environ | more)
        self.lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def visit(self, url):
        pass

    def _listen(self):
        for line in self.process.stdout:
            self._take(json.loads(line))

    def _say(self, text):
        with self.lock:
            self.process.stdin.write(text + "\n")

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0


def chromium(profile, known=(), logs=None):
    """The browser, by Debian's driver. `known`: the SHA-256 of the public keys, in base64, that are believed whoever signed them;
    `logs`: what it is to keep, as in {"browser": "ALL"}."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for one in ("headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
                "disable-component-update", "disable-sync", "disable-dev-shm-usage", "window-size=1400,2000", f"user-data-dir={profile}"):
        options.add_argument("--" + one)
    if known:
        options.add_argument(f"--ignore-certificate-errors-spki-list={','.join(known)}")
    options.set_capability("goog:loggingPrefs", logs or {})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class BrowserHost(JavaScriptHost):
    """A page in Chromium. Its clients talk to where it comes from, or elsewhere, if that lets them."""

    name = "chromium"

    def __init__(self, site, profile, known=()):
        super().__init__()
        self.site = site
        self.driver = chromium(profile, known)
        self.lock = threading.Lock()

    def visit(self, url):
        with self.lock:
            self.driver.get(url + "/page/page.html")
            until = time.monotonic() + patience(20)
            while not self.driver.execute_script("return typeof window.say === 'function'"):
                assert time.monotonic() < until, self.driver.page_source
                time.sleep(0.02)

    def ask(self, do, **told):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(super().ask, do, **told)
            while not asked.done():
                with self.lock:
                    for answer in json.loads(self.driver.execute_script("return window.results()")):
                        self._take(answer)
                time.sleep(0.02)
            return asked.result()

    def _say(self, text):
        with self.lock:
            self.driver.execute_script("window.say(arguments[0])", text)

    def end(self):
        self.driver.quit()
