/**
 * What a frame means. If `decode` throws, only this frame is lost: the next one can be read.
 *
 * @typeParam Frame What it decodes: `Uint8Array` for the codec of a protocol.
 * @typeParam In A received message.
 * @typeParam Out A sent message; by default the same type.
 */
export interface Codec<Frame, In, Out = In> {
  /**
   * Returns the message of a frame, which may be a view of a chunk. Never returns `undefined`, since
   * that stands for "not yet" and for the end of the stream.
   */
  decode(frame: Frame): In & ({} | null);
  /** Returns the frame that decodes to a message. */
  encode(message: Out): Frame;
}
