"""The peer of the tests in workerd. The first line of each connection selects its behaviour."""

import json, signal, socket, ssl, struct, sys, threading, time

# Ends this process if the tests have not.
signal.alarm(1800)

CERTIFICATE, KEY = sys.argv[1:]
received = {}


def line(conn):
    text = b""
    while not text.endswith(b"\n"):
        part = conn.recv(1)
        if part == b"":
            raise EOFError
        text += part
    return text[:-1].decode()


def echo(conn):
    while part := conn.recv(65536):
        conn.sendall(part)
    conn.shutdown(socket.SHUT_WR)


def cut(conn):
    for size in range(1, 40):
        for at in range(0, len(TEXT), size):
            conn.sendall(TEXT[at : at + size])


def count(conn):
    total = 0
    while part := conn.recv(65536):
        total += len(part)
    conn.sendall(b"%d\n" % total)


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def reset_after(conn, data):
    conn.sendall(data)
    line(conn)
    reset(conn)


def chatter(conn, name):
    """Sends continuously, starts to receive only later, and counts the bytes received until the end."""

    def talk():
        try:
            while name not in received:
                conn.sendall(b"still here\n" * 1000)
        except OSError as error:
            received[name + " sending"] = str(error)

    talking = threading.Thread(target=talk, daemon=True)
    talking.start()
    time.sleep(0.3)
    total = 0
    try:
        while part := conn.recv(65536):
            total += len(part)
        received[name] = total
    except OSError as error:
        received[name] = str(error)
    talking.join()


def until_gone(conn, name):
    """Records whether the connection ended or was reset by the peer."""
    try:
        while conn.recv(65536):
            pass
        received[name] = "end"
    except ConnectionError:
        received[name] = "reset"


def secure(conn):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    conn.sendall(b"go ahead\n")
    with context.wrap_socket(conn, server_side=True) as secured:
        while part := secured.recv(65536):
            secured.sendall(part)
        secured.unwrap()


def secure_cut(conn):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    conn.sendall(b"go ahead\n")
    secured = context.wrap_socket(conn, server_side=True)
    secured.sendall(secured.recv(65536))
    plain = socket.socket(fileno=secured.detach())
    plain.shutdown(socket.SHUT_WR)
    while plain.recv(65536):
        pass


def result(conn, name):
    for _ in range(500):
        if name in received:
            break
        time.sleep(0.01)
    conn.sendall(json.dumps(received.get(name)).encode() + b"\n")


TEXT = "".join(f"message {index} für dich\n" for index in range(100)).encode()
commands = {
    "echo": echo,
    "cut": cut,
    "count": count,
    "end between": lambda conn: conn.sendall(b"one\ntwo\n"),
    "end inside": lambda conn: conn.sendall(b"one\ntw"),
    "reset between": lambda conn: reset_after(conn, b"one\n"),
    "reset inside": lambda conn: reset_after(conn, b"one\ntw"),
    "reset": reset,
    "silence": lambda conn: time.sleep(60),
    "chatter": chatter,
    "until gone": until_gone,
    "secure": secure,
    "secure cut": secure_cut,
    "result": result,
}


def serve(conn):
    try:
        with conn:
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            command, *names = line(conn).split(" of ")
            commands[command](conn, *names)
    except (OSError, EOFError):
        pass  # The test is over.


def listen(family, host):
    listener = socket.socket(family)
    listener.bind((host, 0))
    listener.listen(128)

    def accept():
        while True:
            conn, _ = listener.accept()
            threading.Thread(target=serve, args=(conn,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


# Bound, so that no other process gets the port, but not listening.
closed = socket.socket()
closed.bind(("127.0.0.1", 0))
ports = {"port": listen(socket.AF_INET, "127.0.0.1"), "refused": closed.getsockname()[1]}
try:
    ports["port6"] = listen(socket.AF_INET6, "::1")
except OSError:
    pass  # There is no IPv6 here.
print(json.dumps(ports), flush=True)
sys.stdin.read()
