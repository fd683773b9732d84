/**
 * What a frame means. A codec that throws in `decode` spoils one frame only: the next one can be read.
 *
 * @typeParam Frame What it decodes; `Uint8Array` when it is the first behind the framer.
 * @typeParam Message What that means.
 */
export interface Codec<Frame, Message> {
  /** Makes a message of a frame, which may be a view on a chunk. */
  decode(frame: Frame): Message;
  /** Makes the frame that decodes to a message. */
  encode(message: Message): Frame;
}
