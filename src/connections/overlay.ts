import type { Transport } from "../transports/transport.ts";

/** A transport that is another one but for some of its calls. Without a call to start TLS it has none. */
export function overlay(transport: Transport, calls: Partial<Transport>): Transport {
  return {
    read: (atLeast) => transport.read(atLeast),
    write: (chunk) => transport.write(chunk),
    closeWrite: () => transport.closeWrite(),
    close: () => transport.close(),
    abort: () => drop(transport),
    ref: () => transport.ref?.(),
    unref: () => transport.unref?.(),
    localAddress: transport.localAddress,
    remoteAddress: transport.remoteAddress,
    tls: transport.tls,
    ...calls,
  };
}

/** Ends a transport at once, by a reset where it can. */
export function drop(transport: Transport): void {
  if (transport.abort === undefined) transport.close();
  else transport.abort();
}
