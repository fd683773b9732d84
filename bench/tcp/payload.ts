/** Makes a message of arbitrary bytes. */
export function payloadOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 167 + 13) % 256);
}

/** Requests the counts of a sink: the only message of one byte. */
export const MARK: Uint8Array = Uint8Array.of(0);

/** What a sink counts, as proof that it received everything. */
export class SinkTally {
  #messages = 0;
  #bytes = 0;
  #firsts = 0;

  /** Counts a message. Returns the answer if it was {@link MARK}. */
  add(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    if (end - start === 1) return this.#answer();
    this.#messages++;
    this.#bytes += end - start;
    this.#firsts += bytes[start]!;
    return undefined;
  }

  #answer(): Uint8Array {
    const counts = [this.#messages, this.#bytes, this.#firsts];
    this.#messages = this.#bytes = this.#firsts = 0;
    return new TextEncoder().encode(JSON.stringify(counts));
  }
}

/** Throws unless an answer reports exactly the payloads that were sent. */
export function checkTally(answer: Uint8Array, payload: Uint8Array, messages: number): void {
  const found = new TextDecoder().decode(answer);
  const expected = JSON.stringify([messages, messages * payload.length, messages * payload[0]!]);
  if (found !== expected) throw new Error(`The sink counted ${found}, expected ${expected}`);
}
