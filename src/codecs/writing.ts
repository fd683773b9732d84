import type { ByteWriter } from "../bytes/byte_writer.ts";
import { concat } from "../bytes/concat.ts";
import { WriteQueue } from "../bytes/write_queue.ts";
import type { DirectCodec } from "./direct_codec.ts";

/** The half of a codec that encodes messages by itself, framing included. */
export type Writing<Out> = Required<
  Pick<DirectCodec<Uint8Array, unknown, Out>, "encode" | "encodeTo">
>;

/** Returns the encoding half of a codec whose messages are written with their framing. */
export function writing<Out>(write: (message: Out, output: ByteWriter) => void): Writing<Out> {
  return {
    encodeTo: write,
    encode(message) {
      const output = new WriteQueue();
      write(message, output);
      return concat(output.drain());
    },
  };
}
