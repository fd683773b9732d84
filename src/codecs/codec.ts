/**
 * Converts frames to messages and back. If `decode` throws, only that frame is lost: the next one can be read.
 *
 * @typeParam Frame The encoded form: `Uint8Array` for the codec of a protocol.
 * @typeParam In A received message.
 * @typeParam Out A sent message; by default the same type.
 */
export interface Codec<Frame, In, Out = In> {
  /**
   * Returns the message in a frame, which may be a view of a chunk. It must not return `undefined`, which
   * means "not yet" and the end of the stream.
   */
  decode(frame: Frame): In & ({} | null);
  /** Returns the frame of a message. */
  encode(message: Out): Frame;
}
