import { unixAddress } from "../address.ts";
import { type DenoAddress, type DenoConn, DenoTransport } from "./transport.ts";
import type { Address, TlsSession, Transport } from "../transport.ts";

/** Whether a value is a `Deno.Conn`. */
export function isDenoConn(value: object): value is DenoConn {
  const { read, write, closeWrite, localAddr } = (value ?? {}) as Partial<DenoConn>;
  return [read, write, closeWrite].every((call) => typeof call === "function") &&
    typeof localAddr === "object";
}

/** Creates a transport of a `Deno.Conn` of the caller's. Its own side of TLS is unknown, so it cannot start TLS. */
export function denoConnTransport(conn: DenoConn): Transport {
  const { localAddr, remoteAddr } = conn;
  const path = localAddr.path ?? remoteAddr.path ?? undefined;
  const [local, remote] = path === undefined
    ? [addressOf(localAddr), addressOf(remoteAddr)]
    : [unixAddress(path), unixAddress(path)];
  return "handshake" in conn
    ? new DenoTlsTransport(conn, local, remote)
    : new DenoTransport(conn, local, remote);
}

/** A `Deno.TlsConn`. Deno 2.9 reports neither the peer's certificate nor, before the handshake, the protocol. */
class DenoTlsTransport extends DenoTransport {
  readonly tls: TlsSession = { alpn: undefined, peerCertificate: undefined, authorized: false };
}

function addressOf({ hostname = "", port = 0 }: DenoAddress): Address {
  return { hostname, port };
}
