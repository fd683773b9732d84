/** A client of NBD's simple replies: only the request says whether a reply has data, and how much. */
import {
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  uint32,
  uint64,
} from "@framewright/framewright";

export interface Request {
  readonly type: "read" | "write";
  readonly cookie: number;
  readonly offset: number;
  /** Number of bytes to read, or the bytes to write. */
  readonly data: number | Uint8Array;
}
export type Reply = { readonly cookie: number; readonly error: number; readonly data?: Uint8Array };

/** Creates the protocol of one connection. */
export function nbd(): SequenceProtocol<Reply, Request> {
  /** The lengths of the pending requests. */
  const pending = new Map<number, number>();
  return sequence<Reply, Request>({
    *read() {
      if ((yield* part(uint32)) !== 0x67446698) throw new MalformedFrameError("no magic number");
      const error = yield* part(uint32);
      const cookie = yield* part(uint64);
      const length = pending.get(cookie);
      if (length === undefined) throw new MalformedFrameError("reply without a request");
      pending.delete(cookie);
      if (error !== 0 || length === 0) return { cookie, error };
      return { cookie, error, data: yield* part(length) };
    },
    write({ type, cookie, offset, data }, output) {
      output.writeUint(0x25609513, 4);
      output.writeUint(type === "read" ? 0 : 1, 4);
      output.writeUint(cookie, 8);
      output.writeUint(offset, 8);
      output.writeUint(typeof data === "number" ? data : data.length, 4);
      if (typeof data !== "number") output.write(data);
      pending.set(cookie, typeof data === "number" ? data : 0);
    },
  });
}
