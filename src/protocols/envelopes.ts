import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { lengthField } from "../framers/length_field.ts";
import type { Protocol } from "../protocol.ts";

/**
 * Messages with a byte of flags and a 32-bit length, at most 4 MiB of data by default.
 *
 * @param known The bits that may be set.
 */
export function enveloped<Message extends { readonly data: Uint8Array }>(
  known: number,
  messageOf: (flags: number, data: Uint8Array) => Message & {},
  flagsOf: (message: Message) => number,
): Protocol<Message> {
  return {
    framer: lengthField({ offset: 1, skip: 0 }),
    codec: {
      decode(frame) {
        const flags = frame[0]!;
        if (flags & ~known) throw new MalformedFrameError(`unknown flags ${flags}`);
        return messageOf(flags, frame.subarray(5));
      },
      ...writing((message: Message, output) => {
        output.writeUint(flagsOf(message), 1);
        output.writeUint(message.data.length, 4);
        output.write(message.data);
      }),
    },
    maxFrameLength: 5 + 4 * 2 ** 20,
  };
}
