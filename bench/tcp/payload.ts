/** What is sent: a message of so many bytes that look like nothing. */
export function payloadOf(size: number): Uint8Array {
  const payload = new Uint8Array(size);
  for (let at = 0; at < size; at++) payload[at] = (at * 167 + 13) % 256;
  return payload;
}

/** Asks a sink what it has counted: no other message is so short. */
export const MARK: Uint8Array = Uint8Array.of(0);

/** What a sink counts, to prove that it has found everything. */
export class SinkTally {
  #messages = 0;
  #bytes = 0;
  #firsts = 0;

  /** Counts a message, where it lies. Returns the answer when it was {@link MARK}. */
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

/** Refuses an answer that does not tell of so many payloads. */
export function checkTally(answer: Uint8Array, payload: Uint8Array, messages: number): void {
  const found = new TextDecoder().decode(answer);
  const expected = JSON.stringify([
    messages,
    messages * payload.length,
    messages * payload[0]!,
  ]);
  if (found !== expected) throw new Error(`The sink has found ${found}, not ${expected}`);
}

/** Goes over a message so many times, as a handler that computes. */
export function toil(bytes: Uint8Array, start: number, end: number, times: number): void {
  let hash = 0;
  for (let time = 0; time < times; time++) {
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  }
  // Something must come of it, or a compiler may leave it out.
  if (times > 0) bytes[start] = bytes[start]! ^ (hash & 0);
}
