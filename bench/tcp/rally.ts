const MAX_SAMPLES = 1 << 20;

/** Counts and times round trips, and ends them at a deadline. */
export class Rally {
  messages = 0;
  readonly #sentAt: Float64Array;
  readonly #times: Float64Array;
  #deadline = 0;
  #playing = 0;
  #finish: () => void = () => {};

  constructor(connections: number) {
    this.#sentAt = new Float64Array(connections);
    this.#times = new Float64Array(connections === 1 ? MAX_SAMPLES : 0);
  }

  /** Sends over all connections by `serve`. Resolves after the last reply of each. */
  async play(
    milliseconds: number,
    serve: () => void,
  ): Promise<{ readonly messages: number; readonly p50?: number }> {
    this.messages = 0;
    this.#playing = this.#sentAt.length;
    const finished = new Promise<void>((resolve) => this.#finish = resolve);
    const now = performance.now();
    this.#sentAt.fill(now);
    this.#deadline = now + milliseconds;
    serve();
    await finished;
    const { messages } = this;
    if (this.#times.length === 0) return { messages };
    const times = this.#times.subarray(0, Math.min(messages, MAX_SAMPLES)).sort();
    return { messages, p50: times[times.length >> 1]! * 1e6 };
  }

  /** Records a reply. Returns whether to send again. */
  again(connection: number): boolean {
    const now = performance.now();
    if (this.messages < this.#times.length) {
      this.#times[this.messages] = now - this.#sentAt[connection]!;
    }
    this.messages++;
    this.#sentAt[connection] = now;
    if (now < this.#deadline) return true;
    if (--this.#playing === 0) this.#finish();
    return false;
  }
}
