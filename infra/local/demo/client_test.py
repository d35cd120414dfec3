# infra/local/demo/client_test.py: a server that fails in every way: one intent stays one intent.
import http.server
import json
import threading
import unittest

from client import Client, Refused, Unreachable


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers with the script's next (status, body), or drops the connection where it says None."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        self.answer()

    def do_GET(self):
        self.server.keys.append(self.headers.get("Kiroku-Min-Position"))
        self.answer()

    def answer(self):
        step = self.server.script.pop(0)
        if step is None:
            self.close_connection = True
            self.connection.close()
            return
        status, body = step
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def problem(code, retryable):
    return {"error": {"code": code, "message": code, "retryable": retryable}}


class Retries(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        self.server.keys = []
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.counted = []
        self.client = Client(f"http://127.0.0.1:{self.server.server_address[1]}", 5, self.counted.append)

    def tearDown(self):
        self.client.close()
        self.server.shutdown()
        self.server.server_close()

    def post(self, *script):
        self.server.script = list(script)
        return self.client.post("/x", {}, "key-1")

    def test_the_same_key_goes_out_until_there_is_an_answer(self):
        answer = self.post((503, problem("overloaded", True)), None, (504, problem("unknown", True)),
                           (409, problem("in_flight", True)), (201, {"id": 1}))
        self.assertEqual({"id": 1}, answer.body)
        self.assertEqual(["key-1"] * 5, self.server.keys)
        self.assertEqual(4, self.counted.count("retry"))

    def test_a_refusal_is_final(self):
        with self.assertRaises(Refused) as refused:
            self.post((409, problem("session_abandoned", False)))
        self.assertEqual("session_abandoned", refused.exception.code)
        self.assertEqual(["key-1"], self.server.keys)

    def test_a_fault_of_the_server_is_final(self):
        with self.assertRaises(Refused):
            self.post((500, problem("internal_error", False)))

    def test_an_expired_token_is_renewed_once(self):
        self.client.token = "old"
        self.client.login = lambda: setattr(self.client, "token", "new")
        self.assertEqual({}, self.post((401, problem("token_expired", False)), (200, {})).body)
        with self.assertRaises(Refused):
            self.post((401, problem("x", False)), (401, problem("x", False)))

    def test_a_read_carries_its_position(self):
        self.server.script = [(503, problem("projection_lagging", True)), (200, {})]
        self.client.get("/me/progress", "c/1@2")
        self.assertEqual(["c/1@2"] * 2, self.server.keys)

    def test_patience_ends(self):
        self.client.patience = 0
        with self.assertRaises(Unreachable):
            self.post((503, problem("overloaded", True)))


if __name__ == "__main__":
    unittest.main()
