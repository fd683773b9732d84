import type { Transport } from "../transports/transport.ts";
import { overlay } from "./overlay.ts";

/** What a connection leaves to whoever goes on with its transport. */
export interface Remains {
  /** The bytes that were read and belong to no frame received. */
  readonly ahead: Uint8Array;
  /** Reads on behind them. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when all that was sent has left; `undefined`: it has. */
  flushed(): Promise<void> | undefined;
}

/** A transport as a connection leaves it: with the bytes read ahead in front, and those sent ahead gone. */
export function detached(transport: Transport, remains: Remains): Transport {
  let ahead = remains.ahead.length === 0 ? undefined : remains.ahead;
  const startTls = transport.startTls?.bind(transport);
  return overlay(transport, {
    read() {
      const bytes = ahead;
      ahead = undefined;
      return bytes === undefined ? remains.read() : Promise.resolve(bytes);
    },
    write(chunk) {
      const flushed = remains.flushed();
      return flushed === undefined
        ? transport.write(chunk)
        : flushed.then(() => transport.write(chunk));
    },
    async closeWrite() {
      await remains.flushed();
      await transport.closeWrite();
    },
    ...startTls !== undefined && {
      async startTls(options, signal) {
        if (ahead !== undefined) throw readAhead();
        await remains.flushed();
        return await startTls(options, signal);
      },
    },
  });
}

/** What is left of a transport to the connection that has handed it on: nothing comes, nothing leaves. */
export function spent(transport: Transport): Transport {
  return overlay(transport, {
    read: () => Promise.resolve(undefined),
    close() {},
    abort() {},
    ref() {},
    unref() {},
  });
}

/** Plain bytes that were read ahead must never pass for bytes that came by TLS (CVE-2011-0411). */
export function readAhead(): TypeError {
  return new TypeError("Cannot start TLS: the peer has sent more in plain text already");
}
