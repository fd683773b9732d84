/** Packets of MySQL: a payload of 16 MiB or more continues in the next packet. */
import {
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  uint24LE,
  uint8,
} from "@framewright/framewright";

/** The sequence number of the first packet, and the payload, in pieces of at most 16 MiB. */
export type Packet = { readonly number: number; readonly payload: readonly Uint8Array[] };

/** @param longest Maximum length of a packet's payload; smaller in tests. */
export function mysql(longest = 0xffffff): SequenceProtocol<Packet> {
  return sequence<Packet>({
    *read() {
      const payload: Uint8Array[] = [];
      let first: number | undefined;
      for (;;) {
        const length = yield* part(uint24LE);
        const number = yield* part(uint8);
        first ??= number;
        if (number !== ((first + payload.length) & 0xff)) {
          throw new MalformedFrameError("packet out of order");
        }
        payload.push(yield* part(length));
        if (length < longest) return { number: first, payload };
      }
    },
    write({ number, payload }, output) {
      for (const [index, bytes] of payload.entries()) {
        output.writeUint(bytes.length, 3, true);
        output.writeUint((number + index) & 0xff, 1);
        output.write(bytes);
      }
    },
    maxFrameLength: 2 ** 26,
  });
}
