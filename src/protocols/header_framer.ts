import type { ByteReader } from "../bytes/byte_reader.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import { lengthField, type LengthFieldOptions } from "../framers/length_field.ts";

/**
 * Frames with a header of a fixed size, which stays in the frame and contains its length.
 *
 * @param size Size of the header in bytes; a shorter frame is malformed.
 * @param field Where the length is.
 * @param check Called once the header has arrived. It throws {@link MalformedFrameError} if the header is invalid.
 */
export function headerFramer(
  size: number,
  field: LengthFieldOptions,
  check?: (input: ByteReader) => void,
): Framer {
  const { measure, write } = lengthField({ ...field, skip: 0 });
  return {
    measure(input) {
      if (input.length < size) return undefined;
      check?.(input);
      const length = measure(input)!;
      if (length >= size) return length;
      throw new MalformedFrameError(
        `length of ${length} bytes is shorter than the header: expected at least ${size}`,
      );
    },
    write,
  };
}
