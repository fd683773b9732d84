import type { DirectCodec } from "./direct_codec.ts";

/** The half of a codec that decodes messages in the memory of their frames. */
export type Reading<In> = Required<
  Pick<DirectCodec<Uint8Array, In, never>, "decode" | "decodeFrom">
>;

/**
 * Returns the decoding half of a codec without a `Uint8Array` for each frame.
 *
 * @param read Returns the message in the frame `bytes[start, end)`, whose bytes are never overwritten.
 */
export function reading<In extends {} | null>(
  read: (bytes: Uint8Array, start: number, end: number) => In,
): Reading<In> {
  return {
    decode: (frame) => read(frame, 0, frame.length),
    decodeFrom(frame) {
      frame.retain();
      return read(frame.taken, frame.takenStart, frame.takenEnd);
    },
  };
}
