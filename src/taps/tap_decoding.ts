import type { Decoding } from "../flow/takes.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Tap } from "./tap.ts";

/** Returns the decoder's calls for taking messages, which report each frame to a tap. */
export function tapDecoding<In>(decoder: FrameDecoder<In>, tap: Tap): Decoding<In> {
  function report(offset: number): void {
    const length = decoder.offset - offset;
    if (length > 0) tap.frame?.({ direction: "in", offset, length });
  }
  function read(): In | undefined {
    const { offset } = decoder;
    try {
      return decoder.read();
    } finally {
      // A frame that the codec rejects is consumed, too.
      report(offset);
    }
  }
  return {
    get offset() {
      return decoder.offset;
    },
    read,
    readAll() {
      const message = read();
      return message === undefined ? [] : [message];
    },
    visit(visitor) {
      let { offset } = decoder;
      decoder.visit((bytes, start, end) => {
        report(offset);
        offset = decoder.offset;
        visitor(bytes, start, end);
      });
    },
  };
}
