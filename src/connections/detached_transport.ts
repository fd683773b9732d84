import type { Transport } from "../transports/transport.ts";
import { concat } from "../bytes/concat.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { overlay } from "../transports/overlay.ts";

/** The state that a connection hands over with its transport. */
export interface Handover {
  /** Bytes that were read ahead: no frame of them has been received. */
  readonly ahead: Uint8Array;
  /** Reads the bytes after `ahead`. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when all messages have been sent; `undefined` if they have. */
  flushed(): Promise<void> | undefined;
}

/** Returns a transport that first reads the bytes read ahead, and writes after the messages sent. */
export function detachedTransport(transport: Transport, handover: Handover): Transport {
  let ahead = handover.ahead.length === 0 ? undefined : handover.ahead;
  const startTls = transport.startTls?.bind(transport);
  return overlay(transport, {
    read() {
      const bytes = ahead;
      ahead = undefined;
      return bytes === undefined ? handover.read() : Promise.resolve(bytes);
    },
    readInto: undefined,
    write(chunks) {
      const flushed = handover.flushed();
      return flushed === undefined
        ? transport.write(chunks)
        : flushed.then(() => transport.write(chunks));
    },
    async closeWrite() {
      await handover.flushed();
      await transport.closeWrite();
    },
    startTls: startTls && (async (options, signal, received) => {
      if (ahead !== undefined && received === undefined) throw readAheadError();
      await handover.flushed();
      const bytes = received && concat([received, ahead ?? NOTHING]);
      ahead = undefined;
      return await startTls(options, signal, bytes);
    }),
  });
}

/** Plain text that was read ahead must never be taken for input from TLS (CVE-2011-0411). */
export function readAheadError(): TypeError {
  return new TypeError("Cannot start TLS: the peer has already sent more plain text");
}
