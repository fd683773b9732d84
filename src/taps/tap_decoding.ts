import type { Decoding } from "../flow/takes.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Tap } from "./tap.ts";

/** Returns the decoder's calls for taking messages, which report each frame to a tap. */
export function tapDecoding<In>(decoder: FrameDecoder<In>, tap: Tap): Decoding<In> {
  /** Returns where the next frame begins: after the one that is being read in parts, if any. */
  function nextOffset(): number {
    const { opened, offset } = decoder;
    return opened === undefined ? offset : opened.offset + opened.expectedLength;
  }
  function report(offset: number, length = decoder.offset - offset): void {
    if (length > 0) tap.frame?.({ direction: "in", offset, length });
  }
  function read(): In | undefined {
    const offset = nextOffset();
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
      let offset = nextOffset();
      decoder.visit((bytes, start, end) => {
        report(offset);
        offset = decoder.offset;
        visitor(bytes, start, end);
      });
    },
    open(maxBodyLength) {
      const frame = decoder.open(maxBodyLength);
      if (frame !== undefined) report(frame.offset, frame.expectedLength);
      return frame;
    },
  };
}
