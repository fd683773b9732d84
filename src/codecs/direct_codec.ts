import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { Codec } from "./codec.ts";

/** A chunk as it arrived, with the frames that are entirely in it. */
export interface CodedChunk {
  /** The bytes of the chunk, which no longer change. */
  readonly bytes: Uint8Array;
  /** State that a codec keeps for the next frame in the chunk. */
  memo: unknown;
}

/** A frame that has been taken off its queue. */
export interface TakenFrame {
  /** The chunk around the frame, if a single chunk holds it: the frame is `bytes[takenStart, takenEnd)`. */
  readonly chunk: CodedChunk | undefined;
  /** The memory of the frame, which is `taken[takenStart, takenEnd)`. */
  readonly taken: Uint8Array;
  readonly takenStart: number;
  readonly takenEnd: number;
  /** Ensures that the bytes of the frame are never overwritten. */
  retain(): void;
  /** Returns the frame, as a view whose bytes are never overwritten. */
  keep(): Uint8Array;
}

/** A codec that decodes and encodes without a `Uint8Array` for each frame. */
export interface DirectCodec<Frame, In, Out = In> extends Codec<Frame, In, Out> {
  /** Returns what `decode` returns for the frame. */
  decodeFrom?(taken: TakenFrame): In & ({} | null);
  /** The framer whose frames `encodeTo` writes: with another one it is not used. Default: any. */
  readonly framer?: unknown;
  /** Writes a message with its framing, in place of `encode` and the framer's `write`. */
  encodeTo?(message: Out, output: ByteWriter): void;
}
