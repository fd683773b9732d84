/**
 * A two-way stream of Node: any `Duplex` of `node:stream`, a `net.Socket`, a `tls.TLSSocket`, or a stream of a
 * library with the same members.
 */
export interface NodeDuplex {
  /** Whether `destroy` has been called. */
  readonly destroyed: boolean;
  /** Returns the buffered bytes; `null` until more arrive. */
  // deno-lint-ignore no-explicit-any
  read(): any;
  /** Writes a chunk. */
  // deno-lint-ignore no-explicit-any
  write(chunk: any, callback: (error?: Error | null) => void): unknown;
  /** Ends the writable side. */
  end(callback: (error?: Error | null) => void): unknown;
  /** Closes both sides. */
  destroy(): unknown;
  /** Adds a listener. */
  // deno-lint-ignore no-explicit-any
  on(event: string, listener: (...values: any[]) => void): unknown;
  /** Removes a listener. */
  // deno-lint-ignore no-explicit-any
  off(event: string, listener: (...values: any[]) => void): unknown;
}
