/**
 * TLS for the peers of `python.ts`, by Python's `ssl` module.
 *
 * @module
 */

import { folder } from "./certificates.ts";
import { dedent } from "./python.ts";

/**
 * Adds functions for TLS to a body for `pythonServer` or a similar function: `tls_server(conn)` and
 * `tls_client(conn)` return the connection with TLS, `server_context()` and `client_context()` the contexts
 * of both; `behind(conn, header, cut)` returns a connection whose first bytes are sent in one piece with a
 * header before them, but `cut` bytes of them late; `exchange(conn, data, count)` sends and receives at the same time; `notify(conn)` sends
 * close_notify and does not wait for the peer's.
 */
export function withTls(body: string): string {
  return `FOLDER = ${JSON.stringify(folder)}\n${TLS}${dedent(body)}`;
}

const TLS = `
import ssl

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

class Secured(ssl.SSLSocket):
    def recv(self, *how):
        try:
            return super().recv(*how)
        except ssl.SSLZeroReturnError:
            # The peer's close_notify, if this side has already sent its own.
            return b""

def context(protocol, certificate, alpn, version):
    made = ssl.SSLContext(protocol)
    made.sslsocket_class = Secured
    # Otherwise Python reports truncation as a clean end.
    made.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    if certificate is not None:
        made.load_cert_chain(FOLDER + "/" + certificate + ".pem", FOLDER + "/" + certificate + ".key")
    made.load_verify_locations(FOLDER + "/authority.pem")
    if alpn is not None:
        made.set_alpn_protocols(alpn)
    if version is not None:
        made.minimum_version = made.maximum_version = VERSIONS[version]
    return made

def server_context(certificate="good", alpn=None, version=None, demand=False):
    made = context(ssl.PROTOCOL_TLS_SERVER, certificate, alpn, version)
    if demand:
        made.verify_mode = ssl.CERT_REQUIRED
    return made

def client_context(certificate=None, alpn=None, version=None):
    return context(ssl.PROTOCOL_TLS_CLIENT, certificate, alpn, version)

def tls_server(conn, **how):
    return server_context(**how).wrap_socket(conn, server_side=True, suppress_ragged_eofs=False)

def tls_client(conn, name="localhost", **how):
    made = client_context(**how)
    return made.wrap_socket(conn, server_hostname=name, suppress_ragged_eofs=False)

def behind(conn, header, cut=0):
    near, far = socket.socketpair()
    def send():
        hello = far.recv(65536)
        at = max(0, len(hello) - cut)
        conn.sendall(header + hello[:at])
        if at < len(hello):
            sleep(0.05)
            conn.sendall(hello[at:])
        while data := far.recv(65536):
            conn.sendall(data)
        conn.shutdown(socket.SHUT_WR)
    def receive():
        while data := conn.recv(65536):
            far.sendall(data)
        far.shutdown(socket.SHUT_WR)
    for pump in (send, receive):
        threading.Thread(target=pump, daemon=True).start()
    return near

# Sends and receives at the same time, and returns the bytes received.
def exchange(conn, data, count):
    conn.setblocking(False)
    sent, received, parts = 0, 0, []
    while sent < len(data) or received < count:
        moved = False
        try:
            if sent < len(data):
                sent += conn.send(data[sent:sent + 65536])
                moved = True
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        try:
            if received < count:
                part = conn.recv(65536)
                if part == b"":
                    raise RuntimeError("ended after %d bytes" % received)
                parts.append(part)
                received += len(part)
                moved = True
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        if not moved:
            select.select([conn], [conn] if sent < len(data) else [], [], scaled(20))
    conn.settimeout(scaled(20))
    return b"".join(parts)

# Sends close_notify, and does not wait for the peer's.
def notify(conn):
    conn.setblocking(False)
    try:
        conn.unwrap()
    except ssl.SSLWantReadError:
        pass
    conn.settimeout(scaled(20))
`;
