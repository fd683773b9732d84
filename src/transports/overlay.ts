import type { Transport } from "./transport.ts";

/** Members that would bypass an overlay. Each overlay must replace or omit them. */
type Bypass = "readInto" | "startTls";

/** All members of a transport: a forgotten one is a type error. */
type Members =
  & Required<Omit<Transport, Bypass>>
  & { [Name in Bypass]: Transport[Name] | undefined };

/** The members that an overlay replaces. */
export type OverlayCalls = Pick<Members, "read" | Bypass> & Partial<Members>;

/** Returns a transport that forwards to another one, except for the given members. */
export function overlay(transport: Transport, calls: OverlayCalls): Transport {
  const members: Members = {
    read: calls.read,
    readInto: calls.readInto,
    write: (chunks) => transport.write(chunks),
    get written() {
      return transport.written;
    },
    closeWrite: () => transport.closeWrite(),
    close: () => transport.close(),
    abort: () => transport.abort(),
    startTls: calls.startTls,
    ref: () => transport.ref?.(),
    unref: () => transport.unref?.(),
    get localAddress() {
      return transport.localAddress;
    },
    get remoteAddress() {
      return transport.remoteAddress;
    },
    get tls() {
      return transport.tls;
    },
  };
  Object.defineProperties(members, Object.getOwnPropertyDescriptors(calls));
  // Omitted members are `undefined` here, which the type Transport does not allow.
  return members as Transport;
}
