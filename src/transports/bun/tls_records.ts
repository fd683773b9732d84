const HEADER_LENGTH = 5;
const ALERT = 21;
const APPLICATION_DATA = 23;

/** Bytes that TLS 1.3 adds to a record: its true type, and a tag of 16 bytes in every cipher. */
const ADDED_LENGTH = 17;

/** Length of an alert: level and description. */
const ALERT_LENGTH = 2;

/**
 * Infers from the records of a TLS stream whether it has ended with close_notify. Bun 1.4 calls `end` in
 * either case, but passes on the ciphertext too, each chunk before its plaintext.
 *
 *     | type 1 | version 2 | length 2 | length bytes |
 */
export class TlsRecords {
  readonly #header: Uint8Array = new Uint8Array(HEADER_LENGTH);
  /** Number of bytes of the header that have arrived, and of its record that have not. */
  #come = 0;
  #missing = 0;
  /** Number of bytes that each application record of the last chunk can hold, and that came out of all of them. */
  #rooms: number[] = [];
  #delivered = 0;

  /** Whether any byte has arrived. */
  get started(): boolean {
    return this.#come > 0;
  }

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

  /** Counts plaintext that came out of the last chunk. */
  delivered(length: number): void {
    this.#delivered += length;
  }

  /**
   * Whether the last record was an alert. TLS 1.2 shows its type. TLS 1.3 hides it, but a record of an
   * alert's length is either that or two bytes of the application, and the plaintext shows which: as many
   * bytes as the records right before it can hold, or two more. Session tickets and key updates, which have
   * no plaintext, come before those. If neither fits, as with padding, the record counts as the alert; an
   * alert that is padded itself does not.
   *
   * @param version The version, in the words of `getTLSVersion`.
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
