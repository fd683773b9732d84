import { currentSockets } from "../../src/transports/current.ts";
import type { Endpoint, TlsOptions, Transport } from "../../src/transports/transport.ts";

/** Returns an endpoint on loopback with default options. */
export function endpoint(port = 0): Endpoint {
  return {
    hostname: "127.0.0.1",
    port,
    path: undefined,
    noDelay: true,
    keepAlive: false,
    highWaterMark: 65_536,
    reusePort: false,
  };
}

/** Connects a transport to a port of this machine, and starts TLS if there are options for it. */
export async function open(
  port: number,
  tls?: TlsOptions,
  hostname = "127.0.0.1",
): Promise<Transport> {
  const where = { ...endpoint(port), hostname };
  const plain = await currentSockets()!.connect(where, undefined);
  return tls === undefined ? plain : await plain.startTls!(tls);
}

/** Returns the transports of both ends of a plain connection, the client's first. */
export async function openPair(): Promise<[Transport, Transport]> {
  const sockets = currentSockets()!;
  const acceptor = await sockets.listen(endpoint());
  const [client, server] = await Promise.all([
    sockets.connect(endpoint(acceptor.address.port), undefined),
    acceptor.accept(),
  ]);
  acceptor.close();
  return [client, server!];
}
