import type { Codec } from "./codec.ts";

/** A chunk as it arrived, with the frames that are entirely in it. */
export interface CodedChunk {
  /** The bytes of the chunk, which no longer change. */
  readonly bytes: Uint8Array;
  /** State that a codec keeps for the next frame in the chunk. */
  memo: unknown;
}

/** A codec that decodes faster when it is given the chunk around a frame. */
export interface ChunkCodec<Frame, In, Out = In> extends Codec<Frame, In, Out> {
  /** Returns what `decode` returns for the frame `chunk.bytes[start, end)`. */
  decodeIn?(chunk: CodedChunk, start: number, end: number): In & ({} | null);
}
