/**
 * Called with a frame in place: `bytes[start, end)`. The bytes are valid only during the call, since the next
 * chunk or a later frame may overwrite them. Copy the bytes that you keep.
 */
export type FrameVisitor = (bytes: Uint8Array, start: number, end: number) => void;
