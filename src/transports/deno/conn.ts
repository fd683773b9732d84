import { hasMethods } from "../../bytes/check_methods.ts";
import { unixAddress } from "../address.ts";
import { type DenoAddress, type DenoConn, DenoTransport } from "./transport.ts";
import type { Address, TlsSession, Transport } from "../transport.ts";
import { unknownSession } from "../unknown_session.ts";

/** Whether a value is a `Deno.Conn`. */
export function isDenoConn(value: object): value is DenoConn {
  return hasMethods(value, "read", "write", "closeWrite") &&
    typeof (value as DenoConn).localAddr === "object";
}

/** Creates a transport over the caller's `Deno.Conn`. It cannot start TLS: whether it connected is unknown. */
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

/**
 * A transport over a `Deno.TlsConn`. Deno 2.9 does not report the version, the cipher and the peer's certificate,
 * and reports the ALPN protocol only after the handshake.
 */
class DenoTlsTransport extends DenoTransport {
  readonly tls: TlsSession = unknownSession();
}

function addressOf({ hostname = "", port = 0 }: DenoAddress): Address {
  return { hostname, port };
}
