/** A chunk as it arrived, with all the frames that lie in it whole. */
export interface CodedChunk {
  /** Its bytes, which do not change any more. */
  readonly bytes: Uint8Array;
  /** For what a codec finds out about the chunk: it is here again when the chunk's next frame is decoded. */
  memo: unknown;
}

/**
 * What a frame means. A codec that throws in `decode` spoils one frame only: the next one can be read.
 *
 * @typeParam Frame What it decodes; `Uint8Array` when it is the first behind the framer.
 * @typeParam Message What that means.
 */
export interface Codec<Frame, Message> {
  /** Makes a message of a frame, which may be a view on a chunk. */
  decode(frame: Frame): Message;
  /**
   * Makes a message of the frame `chunk.bytes[start, end)`, for a codec that gains by knowing the frame's
   * neighbours. What {@link Codec.decode} makes of that frame, and nothing else, is the result.
   */
  decodeIn?(chunk: CodedChunk, start: number, end: number): Message;
  /** Makes the frame that decodes to a message. */
  encode(message: Message): Frame;
}
