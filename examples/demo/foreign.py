"""A server or a client of the demo that does not use the library, only Python's socket module, with
loops as in its how-to. It takes the arguments of peer.ts, and prints the same reports:

    foreign.py server                   prints its port, and serves until its input ends
    foreign.py client PORT FRAMING...   runs one exchange for each framing, and prints the results
"""
import json
import pathlib
import socket
import sys
import threading
import time

LARGE = 3 * 1024 * 1024
TIMEOUT = 20
README = (pathlib.Path(__file__).parents[2] / "README.md").read_bytes().replace(b"\r", b"")


def send_all(sock, data):
    total = 0
    while total < len(data):
        sent = sock.send(data[total:])
        if sent == 0:
            raise RuntimeError("socket connection broken")
        total += sent


def receive_exactly(sock, length):
    """Returns length bytes, or None if the peer closed before the first one."""
    chunks = []
    received = 0
    while received < length:
        chunk = sock.recv(min(length - received, 65536))
        if chunk == b"":
            if received == 0:
                return None
            raise RuntimeError("socket connection broken")
        chunks.append(chunk)
        received += len(chunk)
    return b"".join(chunks)


class Fixed:
    """Every message has MSGLEN bytes."""

    MSGLEN = 5
    messages = [README[at:at + 5] for at in range(0, len(README) - 4, 5)]

    def __init__(self, sock):
        self.sock = sock

    def send(self, message):
        send_all(self.sock, message)

    def receive(self):
        return receive_exactly(self.sock, self.MSGLEN)


class Decimal:
    """Five decimal digits give the length of the message."""

    messages = README.split(b"\n\n") + [b"", README, (README * (99999 // len(README) + 1))[:99999]]

    def __init__(self, sock):
        self.sock = sock

    def send(self, message):
        send_all(self.sock, b"%05d" % len(message) + message)

    def receive(self):
        digits = receive_exactly(self.sock, 5)
        if not digits:
            return None
        length = int(digits)
        if length == 0:
            return b""
        message = receive_exactly(self.sock, length)
        if not message:
            raise RuntimeError("socket connection broken")
        return message


class Lines:
    """A newline ends every message; bytes after it stay in the buffer."""

    PROSE = README.replace(b"\n", b" ")
    SMALL = README.split(b"\n")
    messages = SMALL + [b"", (PROSE * (LARGE // len(PROSE) + 1))[:LARGE]] + SMALL

    def __init__(self, sock):
        self.sock = sock
        self.buffer = bytearray()

    def send(self, message):
        send_all(self.sock, message + b"\n")

    def receive(self):
        searched = 0
        while True:
            end = self.buffer.find(b"\n", searched)
            if end >= 0:
                line = bytes(self.buffer[:end])
                del self.buffer[:end + 1]
                return line
            searched = len(self.buffer)
            chunk = self.sock.recv(65536)
            if chunk == b"":
                if searched > 0:
                    raise RuntimeError("socket connection broken")
                return None
            self.buffer += chunk


FRAMINGS = {"fixed(5)": Fixed, "lengthPrefixed(decimal(5))": Decimal, "lines()": Lines}
MAX_REQUESTS = 24
MAX_PIPELINED = 40


def report(**fields):
    print(json.dumps(fields), flush=True)


def hello(sock):
    """Reads the first line, which names the framing, byte by byte: later bytes are framed."""
    line = b""
    while not line.endswith(b"\n"):
        line += receive_exactly(sock, 1) or b"nothing\n"
    return line[:-1].decode()


def send_back(sock):
    name = "a connection"
    try:
        with sock:
            sock.settimeout(TIMEOUT)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            name = hello(sock)
            peer = FRAMINGS[name](sock)
            for number, expected in enumerate(peer.messages, 1):
                message = peer.receive()
                if message != expected:
                    raise RuntimeError("message %d is not the expected one" % number)
                peer.send(message)
            if peer.receive() is not None:
                raise RuntimeError("more messages arrived than expected")
    except Exception as error:
        report(failure="%s: %r" % (name, error))


def serve():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)
    report(port=listener.getsockname()[1])
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=send_back, args=(sock,), daemon=True).start()


def exchange(sock, name, done):
    """Sends some messages one by one, the others in batches, and checks that each comes back."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    send_all(sock, name.encode() + b"\n")
    peer = FRAMINGS[name](sock)
    messages = peer.messages
    at = 0
    while at < len(messages):
        batch = messages[at:at + (1 if at < MAX_REQUESTS else MAX_PIPELINED)]
        if max(map(len, batch)) > 65536:
            batch = batch[:1]
        for message in batch:
            peer.send(message)
        for message in batch:
            at += 1
            if peer.receive() != message:
                raise RuntimeError("message %d of %d came back changed" % (at, len(messages)))
            done.append(len(message))
    sock.shutdown(socket.SHUT_WR)
    if peer.receive() is not None:
        raise RuntimeError("more messages came back than were sent")


def run_client(port, names):
    for name in names:
        start = time.monotonic()
        done = []
        failure = {}
        try:
            with socket.create_connection(("127.0.0.1", port), TIMEOUT) as sock:
                exchange(sock, name, done)
        except Exception as error:
            failure = {"failure": repr(error)}
        milliseconds = (time.monotonic() - start) * 1000
        report(
            framing=name,
            messages=2 * len(done),
            bytes=2 * sum(done),
            milliseconds=milliseconds,
            **failure,
        )


if sys.argv[1] == "server":
    threading.Thread(target=serve, daemon=True).start()
    sys.stdin.read()
else:
    run_client(int(sys.argv[2]), sys.argv[3:])
