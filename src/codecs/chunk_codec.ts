import type { Codec } from "./codec.ts";

/** A chunk as it arrived, with all the frames that lie whole in it. */
export interface CodedChunk {
  /** Its bytes, which no longer change. */
  readonly bytes: Uint8Array;
  /** What a codec has found out about the chunk, kept for the chunk's next frame. */
  memo: unknown;
}

/** A codec that decodes faster when it knows the chunk around a frame. */
export interface ChunkCodec<Frame, In, Out = In> extends Codec<Frame, In, Out> {
  /** Returns what `decode` returns for the frame `chunk.bytes[start, end)`. */
  decodeIn?(chunk: CodedChunk, start: number, end: number): In & ({} | null);
}
