/** A client of NBD's simple replies: only the request says whether a reply has data, and how much. */
import {
  asymmetric,
  MalformedFrameError,
  part,
  type Protocol,
  sequence,
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
export function nbd(): Protocol<Reply, Request> {
  /** The lengths of the pending requests. */
  const pending = new Map<number, number>();
  const read = sequence<Reply, never>({
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
  });
  const write = sequence<never, Request>({
    // deno-lint-ignore require-yield
    *read() {
      throw new MalformedFrameError("requests are only sent");
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
  return asymmetric({ read, write });
}
