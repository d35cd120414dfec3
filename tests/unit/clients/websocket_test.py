# tests/unit/clients/websocket_test.py: frames of every kind and size, however they arrive.
import pathlib
import socket
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "gateway/clients/python"))

from kiroku.websocket import Hung, WebSocket, masked  # noqa: E402


def frame(opcode, payload, last=True):
    size = len(payload)
    told = bytes([size]) if size < 126 else struct.pack("!BH", 126, size) if size < 65536 else struct.pack("!BQ", 127, size)
    return bytes([(0x80 if last else 0) | opcode]) + told + payload


class Frames(unittest.TestCase):
    def setUp(self):
        self.socket = WebSocket.__new__(WebSocket)
        self.socket._line, self.other = socket.socketpair()
        self.socket._buffer, self.socket._parts, self.socket._timeout = bytearray(), [], 5
        self.addCleanup(self.other.close)
        self.addCleanup(self.socket._line.close)

    def received(self, *pieces):
        messages = []
        for piece in pieces:
            self.other.sendall(piece)
            messages += self.socket.receive()
        return messages

    def test_messages_of_all_sizes(self):
        for size in (0, 1, 125, 126, 40_000):
            self.assertEqual(["x" * size], self.received(frame(1, b"x" * size)))

    def test_byte_by_byte_and_several_at_once(self):
        self.assertEqual(["記録"], self.received(*(bytes([byte]) for byte in frame(1, "記録".encode()))))
        self.assertEqual(["a", "b"], self.received(frame(1, b"a") + frame(1, b"b")))

    def test_a_message_in_parts_with_a_ping_between(self):
        self.assertEqual(["abc"], self.received(frame(1, b"a", False), frame(0, b"b", False), frame(9, b"?"), frame(0, b"c")))
        pong = self.other.recv(100)
        self.assertEqual((0x8A, 0x81), (pong[0], pong[1]))
        self.assertEqual(b"?", masked(pong[6:], pong[2:6]))

    def test_what_is_sent_is_masked(self):
        for text in ("", "hello", "x" * 125, "x" * 126, "x" * 60_000):
            self.socket.send(text)
            begin = 2 if len(text) < 126 else 4
            sent = self.whole(begin + 4 + len(text))
            self.assertTrue(sent[1] & 0x80)
            self.assertEqual(text, masked(sent[begin + 4:], sent[begin:begin + 4]).decode())

    def whole(self, size):
        pieces = b""
        while len(pieces) < size:
            pieces += self.other.recv(size - len(pieces))
        return pieces

    def test_how_it_ends(self):
        for told, code in ((struct.pack("!H", 1012) + b"restarting", 1012), (struct.pack("!H", 4401), 4401), (b"", None)):
            self.setUp()
            with self.assertRaises(Hung) as hung:
                self.received(frame(8, told))
            self.assertEqual(code, hung.exception.code)

    def test_a_line_that_breaks(self):
        self.other.close()
        with self.assertRaises(Hung) as hung:
            self.socket.receive()
        self.assertIsNone(hung.exception.code)

    def test_what_is_too_long_is_not_waited_for(self):
        with self.assertRaises(Hung):
            self.received(bytes([0x81, 127]) + struct.pack("!Q", 1 << 40))


if __name__ == "__main__":
    unittest.main()
