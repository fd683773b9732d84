const HEADER_LENGTH = 5;
const ALERT = 21;
const APPLICATION_DATA = 23;

/** What TLS 1.3 adds to a record: the byte of its true type, and a tag of 16 bytes in every cipher. */
const ADDED_LENGTH = 17;

/** An alert: its level, and what it says. */
const ALERT_LENGTH = 2;

/**
 * Tells by the records of a TLS stream whether it has ended with close_notify. Bun 1.4 calls `end` in
 * either case, but hands out the ciphertext too, each chunk before what is inside of it.
 *
 *     | type 1 | version 2 | length 2 | length bytes |
 */
export class TlsRecords {
  readonly #header: Uint8Array = new Uint8Array(HEADER_LENGTH);
  /** Bytes of the header that have come, and of what follows it that have not. */
  #come = 0;
  #missing = 0;
  /** How much the application's records in the last chunk have room for, and how much came out of it. */
  #rooms: number[] = [];
  #delivered = 0;

  /** Follows a chunk of ciphertext, wherever it was cut. */
  push(chunk: Uint8Array): void {
    this.#rooms = [];
    this.#delivered = 0;
    for (let offset = 0; offset < chunk.length;) {
      if (this.#missing === 0 && this.#come === HEADER_LENGTH) this.#come = 0;
      if (this.#come < HEADER_LENGTH) {
        this.#header[this.#come++] = chunk[offset++]!;
        if (this.#come === HEADER_LENGTH) this.#missing = this.#length;
      } else {
        const count = Math.min(this.#missing, chunk.length - offset);
        this.#missing -= count;
        offset += count;
      }
      if (this.#whole && this.#type === APPLICATION_DATA) {
        this.#rooms.push(this.#length - ADDED_LENGTH);
      }
    }
  }

  /** Is told how many bytes came out of the last chunk. */
  delivered(length: number): void {
    this.#delivered += length;
  }

  /**
   * Whether the last record was an alert. TLS 1.2 says so in its type. TLS 1.3 hides the type, but a record
   * of an alert's length is either one or two bytes of the application, and what came out tells which: all
   * that the records right before it have room for, or two bytes more. Session tickets and key updates, of
   * which nothing comes out, go in front of those. Where neither fits, as with padding, it passes for the
   * alert; an alert that is padded itself passes for none.
   *
   * @param version As `getTLSVersion` calls it.
   */
  closeNotified(version: string): boolean {
    if (!this.#whole) return false;
    if (version !== "TLSv1.3") return this.#type === ALERT;
    if (this.#type !== APPLICATION_DATA) return false;
    if (this.#length !== ALERT_LENGTH + ADDED_LENGTH) return false;
    let sum = 0;
    const before = this.#rooms.slice(0, -1).reverse().map((room) => sum += room);
    const sums = new Set([0, ...before]);
    return sums.has(this.#delivered) || !sums.has(this.#delivered - ALERT_LENGTH);
  }

  get #whole(): boolean {
    return this.#come === HEADER_LENGTH && this.#missing === 0;
  }

  get #type(): number {
    return this.#header[0]!;
  }

  get #length(): number {
    return this.#header[3]! << 8 | this.#header[4]!;
  }
}
