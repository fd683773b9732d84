import type { ByteReader, ExpectOptions, FindOptions } from "../bytes/byte_reader.ts";
import type { Framer } from "../framers/framer.ts";

/**
 * Wraps a framer to check the reader after each answer "not yet": the cursor must be where it was, or
 * after the bytes that the framer has discarded, no bytes dropped and no trailer expected.
 *
 * @param report Called with a description of each violation.
 */
export function watchedFramer(framer: Framer, report: (violation: string) => void): Framer {
  return {
    measure(input) {
      const reader = new RecordingReader(input);
      const { offset, length } = reader;
      const measured = framer.measure(reader);
      if (measured !== undefined) return measured;
      const to = `answered "not yet" to ${count(length)}`;
      const moved = reader.offset - offset - reader.discarded;
      if (moved !== 0) report(`${to} with the cursor moved by ${count(moved)}`);
      if (reader.dropped !== 0) report(`${to} with ${count(reader.dropped)} dropped`);
      if (reader.expects) report(`${to} with a trailer expected`);
      return undefined;
    },
    write: (frame, output) => framer.write(frame, output),
  };
}

/** A reader that records calls of `discard`, `drop` and `expect`. */
class RecordingReader implements ByteReader {
  readonly #input: ByteReader;
  /** Number of bytes discarded. */
  discarded = 0;
  /** Number of bytes dropped. */
  dropped = 0;
  /** Whether a trailer is expected. */
  expects = false;

  constructor(input: ByteReader) {
    this.#input = input;
  }

  get length(): number {
    return this.#input.length;
  }

  get ended(): boolean {
    return this.#input.ended;
  }

  get offset(): number {
    return this.#input.offset;
  }

  get earliestEnd(): number {
    return this.#input.earliestEnd;
  }

  get memo(): unknown {
    return this.#input.memo;
  }

  set memo(memo: unknown) {
    this.#input.memo = memo;
  }

  peek(offset?: number): number | undefined {
    return this.#input.peek(offset);
  }

  readUint(size: 1 | 2 | 3 | 4 | 5 | 6, littleEndian?: boolean): number | undefined {
    return this.#input.readUint(size, littleEndian);
  }

  skip(count: number): void {
    this.#input.skip(count);
  }

  find(delimiter: Uint8Array, options?: FindOptions): number | undefined {
    return this.#input.find(delimiter, options);
  }

  look(count: number): Uint8Array | undefined {
    return this.#input.look(count);
  }

  drop(count: number): void {
    this.#input.drop(count);
    this.dropped += count;
  }

  expect(trailer: Uint8Array, options?: ExpectOptions): void {
    this.#input.expect(trailer, options);
    this.expects = true;
  }

  discard(count: number, reason?: string): void {
    this.#input.discard(count, reason);
    this.discarded += count;
  }

  atLeast(count: number): void {
    this.#input.atLeast(count);
  }
}

function count(bytes: number): string {
  return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
}
