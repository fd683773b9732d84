import type { Transport } from "./transport.ts";

/** Members that would bypass an overlay, so that each overlay must replace them or leave them out. */
type Bypass = "readInto" | "startTls";

/** Every member of a transport, so that a member that is forgotten is a type error. */
type Members =
  & Required<Omit<Transport, Bypass>>
  & { [Name in Bypass]: Transport[Name] | undefined };

/** The calls of an overlay. */
export type OverlayCalls = Pick<Members, "read" | Bypass> & Partial<Members>;

/** Returns a transport that passes every call on to another one, except for the given calls. */
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
  // Optional members that are left out are `undefined` here, which the type Transport does not allow.
  return members as Transport;
}
