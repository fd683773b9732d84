const MOST_SAMPLES = 1 << 20;

/** Counts round trips, and says when it is enough. */
export class Rally {
  messages = 0;
  readonly #sentAt: Float64Array;
  readonly #times: Float64Array;
  #deadline = 0;
  #playing = 0;
  #over: () => void = () => {};

  constructor(connections: number) {
    this.#sentAt = new Float64Array(connections);
    this.#times = new Float64Array(connections === 1 ? MOST_SAMPLES : 0);
  }

  /** Begins: all connections send now. Resolves when each one's last reply has come. */
  async play(
    milliseconds: number,
    serve: () => void,
  ): Promise<{ readonly messages: number; readonly p50?: number }> {
    this.messages = 0;
    this.#playing = this.#sentAt.length;
    const over = new Promise<void>((resolve) => this.#over = resolve);
    const now = performance.now();
    this.#sentAt.fill(now);
    this.#deadline = now + milliseconds;
    serve();
    await over;
    const { messages } = this;
    if (this.#times.length === 0) return { messages };
    const times = this.#times.subarray(0, Math.min(messages, MOST_SAMPLES)).sort();
    return { messages, p50: times[times.length >> 1]! * 1e6 };
  }

  /** A reply has come over a connection: whether to send again. */
  again(connection: number): boolean {
    const now = performance.now();
    if (this.messages < this.#times.length) {
      this.#times[this.messages] = now - this.#sentAt[connection]!;
    }
    this.messages++;
    this.#sentAt[connection] = now;
    if (now < this.#deadline) return true;
    if (--this.#playing === 0) this.#over();
    return false;
  }
}
