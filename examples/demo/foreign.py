"""The other end of the demo, by Python's socket module alone: loops as its how-to shows them.

    foreign.py server FRAMING         prints its port, serves one connection
    foreign.py client FRAMING PORT    talks to a server

It sends every message of the framing and wants it back (client), or sends back what comes (server).
"""
import socket
import sys

MESSAGES = [b"hello", b"world", b"12345", b"a" * 5] * 25
MSGLEN = 5


def send_all(sock, message):
    total = 0
    while total < len(message):
        sent = sock.send(message[total:total + 3])
        if sent == 0:
            raise RuntimeError("socket connection broken")
        total += sent


def receive_exactly(sock, count):
    chunks = []
    received = 0
    while received < count:
        chunk = sock.recv(min(count - received, 2048))
        if chunk == b"":
            if received == 0:
                return None
            raise RuntimeError("socket connection broken")
        chunks.append(chunk)
        received += len(chunk)
    return b"".join(chunks)


class Fixed:
    messages = MESSAGES
    def send(self, sock, message):
        send_all(sock, message)

    def receive(self, sock):
        return receive_exactly(sock, MSGLEN)


class Decimal:
    messages = MESSAGES + [b"", b"x" * 99999]
    def send(self, sock, message):
        send_all(sock, b"%05d" % len(message))
        sock.sendall(message)

    def receive(self, sock):
        length = receive_exactly(sock, 5)
        if length is None:
            return None
        return receive_exactly(sock, int(length)) if int(length) else b""


class Lines:
    messages = MESSAGES + [b"", b"x" * 200000]
    buffer = b""

    def send(self, sock, message):
        sock.sendall(message + b"\n")

    def receive(self, sock):
        while b"\n" not in self.buffer:
            chunk = sock.recv(4096)
            if chunk == b"":
                return None
            self.buffer += chunk
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line


framing = {"fixed": Fixed, "decimal": Decimal, "lines": Lines}[sys.argv[2]]()
if sys.argv[1] == "server":
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    listener.settimeout(20)
    print(listener.getsockname()[1], flush=True)
    sock, _ = listener.accept()
    sock.settimeout(20)
    while True:
        message = framing.receive(sock)
        if message is None:
            break
        framing.send(sock, message)
    sock.close()
else:
    sock = socket.create_connection(("127.0.0.1", int(sys.argv[3])), 20)
    for message in framing.messages:
        framing.send(sock, message)
        if framing.receive(sock) != message:
            raise RuntimeError("a message of %d bytes came back spoiled" % len(message))
    sock.shutdown(socket.SHUT_WR)
    if sock.recv(1) != b"":
        raise RuntimeError("more came than was sent")
    print(len(framing.messages) * 2, sum(map(len, framing.messages)) * 2)
