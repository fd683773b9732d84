import type { Transport } from "../transports/transport.ts";
import { overlay } from "../transports/overlay.ts";

/** The state that a connection hands over with its transport. */
export interface Remains {
  /** Bytes that were read and belong to no frame received. */
  readonly ahead: Uint8Array;
  /** Reads the bytes after them. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when all messages have been sent; `undefined` if they have. */
  flushed(): Promise<void> | undefined;
}

/** A transport that reads what the connection had read ahead first, and writes after what it had sent. */
export function detached(transport: Transport, remains: Remains): Transport {
  let ahead = remains.ahead.length === 0 ? undefined : remains.ahead;
  const startTls = transport.startTls?.bind(transport);
  return overlay(transport, {
    read() {
      const bytes = ahead;
      ahead = undefined;
      return bytes === undefined ? remains.read() : Promise.resolve(bytes);
    },
    readInto: undefined,
    write(chunks) {
      const flushed = remains.flushed();
      return flushed === undefined
        ? transport.write(chunks)
        : flushed.then(() => transport.write(chunks));
    },
    async closeWrite() {
      await remains.flushed();
      await transport.closeWrite();
    },
    startTls: startTls && (async (options, signal) => {
      if (ahead !== undefined) throw readAhead();
      await remains.flushed();
      return await startTls(options, signal);
    }),
  });
}

/** Plain text that was read ahead must never pass for input from TLS (CVE-2011-0411). */
export function readAhead(): TypeError {
  return new TypeError("Cannot start TLS: the peer has already sent more plain text");
}
