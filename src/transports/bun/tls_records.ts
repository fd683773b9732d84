const HEADER_LENGTH = 5;
const ALERT = 21;
const APPLICATION_DATA = 23;

/** Number of bytes that TLS 1.3 adds to a record: its inner type, and a tag of 16 bytes in every cipher. */
const OVERHEAD = 17;

/** Length of an alert in bytes: level and description. */
const ALERT_LENGTH = 2;

/**
 * Infers from the records of a TLS stream whether it has ended with close_notify. Bun 1.4 calls `end` in
 * either case, but also reports the encrypted bytes, each chunk before its plaintext.
 *
 *     | type 1 | version 2 | length 2 | length bytes |
 */
export class TlsRecords {
  readonly #header: Uint8Array = new Uint8Array(HEADER_LENGTH);
  /** Number of header bytes received. */
  #headerLength = 0;
  /** Number of bytes of the record that are missing. */
  #missing = 0;
  /** Maximum plaintext length of each application record of the last chunk. */
  #capacities: number[] = [];
  /** Number of plaintext bytes of the last chunk. */
  #delivered = 0;

  /** Whether any byte has been received. */
  get started(): boolean {
    return this.#headerLength > 0;
  }

  /** Parses the next chunk of encrypted bytes. */
  push(chunk: Uint8Array): void {
    this.#capacities = [];
    this.#delivered = 0;
    for (let offset = 0; offset < chunk.length;) {
      if (this.#missing === 0 && this.#headerLength === HEADER_LENGTH) this.#headerLength = 0;
      if (this.#headerLength < HEADER_LENGTH) {
        this.#header[this.#headerLength++] = chunk[offset++]!;
        if (this.#headerLength === HEADER_LENGTH) this.#missing = this.#length;
      } else {
        const count = Math.min(this.#missing, chunk.length - offset);
        this.#missing -= count;
        offset += count;
      }
      if (this.#whole && this.#type === APPLICATION_DATA) {
        this.#capacities.push(this.#length - OVERHEAD);
      }
    }
  }

  /** Counts plaintext of the last chunk. */
  delivered(length: number): void {
    this.#delivered += length;
  }

  /**
   * Whether the last record was an alert. TLS 1.2 shows the record's type. TLS 1.3 encrypts it, but a record
   * of an alert's length is either an alert or two bytes of plaintext. The amount of plaintext shows which:
   * either as much as the records directly before it can contain, or two bytes more. Session tickets and
   * key updates have no plaintext, and come before those records. If neither matches, for example because
   * of padding, the record counts as an alert; a padded alert does not.
   *
   * @param version The result of `getTLSVersion`.
   */
  closeNotified(version: string): boolean {
    if (!this.#whole) return false;
    if (version !== "TLSv1.3") return this.#type === ALERT;
    if (this.#type !== APPLICATION_DATA) return false;
    if (this.#length !== ALERT_LENGTH + OVERHEAD) return false;
    let sum = 0;
    const before = this.#capacities.slice(0, -1).reverse().map((capacity) => sum += capacity);
    const sums = new Set([0, ...before]);
    return sums.has(this.#delivered) || !sums.has(this.#delivered - ALERT_LENGTH);
  }

  get #whole(): boolean {
    return this.#headerLength === HEADER_LENGTH && this.#missing === 0;
  }

  get #type(): number {
    return this.#header[0]!;
  }

  get #length(): number {
    return this.#header[3]! << 8 | this.#header[4]!;
  }
}
