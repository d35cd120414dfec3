# infra/local/demo/client.py: the public API for one learner: one connection, patient, each POST with a key of its own.
import http.client
import json
import random
import socket
import ssl
import time
import urllib.parse

RETRYABLE = (429, 502, 503, 504)
LOST = (http.client.HTTPException, ConnectionError, socket.timeout, OSError)


class Refused(Exception):
    """The API said no, and asking again won't help."""

    def __init__(self, method, path, status, body):
        error = (body or {}).get("error", {})
        self.status = status
        self.code = error.get("code", "")
        super().__init__(f"{method} {path} was refused with {status} {self.code}: {error.get('message') or body}")


class Unreachable(Exception):
    """The API didn't answer for as long as we were willing to wait."""


def trust(file):
    """What this machine trusts, and the certificates in this file, whoever has signed them."""
    context = ssl.create_default_context()
    if file:
        try:
            context.load_verify_locations(file)
        except OSError as error:
            raise Unreachable(f"{file} holds no certificate to know the server by: {error}") from None
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def retryable(self):
        """What the server says, or else what the status means."""
        said = self.body.get("error", {}).get("retryable") if isinstance(self.body, dict) else None
        return self.status in RETRYABLE or (self.status == 409 and said is True)

    @property
    def wait(self):
        try:
            return min(float(self.headers.get("retry-after", 0)), 10.0)
        except ValueError:
            return 0.0


class Client:
    """Not for use by several threads at once. `count` is told of each request ("request") and each retry ("retry"),
    `journal` of each POST that was answered: its path and the answer's body. `trusted`: a PEM file of certificates that
    an https server is known by, beside those that this machine trusts."""

    TIMEOUT = 15.0

    def __init__(self, url, patience, count=lambda what: None, journal=lambda path, body: None, trusted=None):
        self.url = url.rstrip("/")
        parts = urllib.parse.urlsplit(url)
        self.tls = trust(trusted) if parts.scheme == "https" else None
        self.host = parts.hostname
        self.port = parts.port or (443 if self.tls else 80)
        self.patience = patience
        self.count = count
        self.journal = journal
        self.token = None
        self.login = None  # called for a new token when the old one has run out
        self.connection = None

    def get(self, path, position=None):
        headers = {"Kiroku-Min-Position": position} if position else {}
        return self._ask("GET", path, None, headers)

    def post(self, path, body, key):
        """Sends it with the same Idempotency-Key until there is an answer: it takes effect once."""
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        answer = self._ask("POST", path, json.dumps(body), headers)
        self.journal(path, answer.body)
        return answer

    def _ask(self, method, path, body, headers):
        began = time.monotonic()
        attempt = 0
        renewed = False
        while True:
            answer = self._once(method, path, body, headers)
            if answer is not None and answer.status < 400:
                return answer
            if answer is not None and answer.status == 401 and self.login and self.token and not renewed:
                renewed = True
                self.login()
                continue
            if answer is not None and not answer.retryable:
                raise Refused(method, path, answer.status, answer.body)
            if time.monotonic() - began > self.patience:
                said = f"answered {answer.status}" if answer else "did not answer"
                raise Unreachable(f"{method} {path}: {self.url} {said} for {self.patience:.0f} s")
            attempt += 1
            self.count("retry")
            pause = random.uniform(0.5, 1.0) * min(0.1 * 2 ** min(attempt, 5), 2.0)
            time.sleep(max(pause, answer.wait if answer else 0.0))

    def _once(self, method, path, body, headers):
        """The answer, or nothing if the connection was refused or lost: then nobody knows whether it took effect."""
        self.count("request")
        if self.token:
            headers = {**headers, "Authorization": f"Bearer {self.token}"}
        try:
            if self.connection is None:
                self.connection = self._connection()
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            text = response.read()
            if response.will_close:
                self.close()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, json.loads(text) if text else None)
        except ssl.SSLCertVerificationError as untrusted:
            raise Unreachable(f"{self.url} isn't trusted: {untrusted.verify_message}; --ca FILE names its certificate") from None
        except (*LOST, ValueError):
            self.close()
            return None

    def _connection(self):
        if self.tls:
            return http.client.HTTPSConnection(self.host, self.port, timeout=self.TIMEOUT, context=self.tls)
        return http.client.HTTPConnection(self.host, self.port, timeout=self.TIMEOUT)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
