import assert from "node:assert/strict";
import { type Connection, ConnectionError, type Protocol, type TlsOptions } from "../../mod.ts";
import { authority, good } from "./certificates.ts";
import { pair as plainPair } from "./connections.ts";

export { closeAll, failureOf } from "./connections.ts";

/** TLS options of a client that trusts the tests' authority. */
export const trusting: { readonly ca: string } = { ca: authority.cert };

/** TLS options of a server with a valid certificate. */
export const identity: { readonly key: string; readonly cert: string } = good;

/** Returns both ends of a TLS connection, the client's first. */
export function pair<Message = Uint8Array>(
  protocol: Protocol<Message>,
  client: TlsOptions = trusting,
  server: TlsOptions = identity,
): Promise<[client: Connection<Message>, server: Connection<Message>]> {
  return plainPair(protocol, { tls: client }, { tls: server });
}

/** Collects the handshake errors of a listener, in order. */
export class Refusals {
  readonly #errors: unknown[] = [];
  #wake = () => {};

  /** The option to pass to the listener. */
  readonly onHandshakeError = (error: unknown): void => {
    this.#errors.push(error);
    this.#wake();
  };

  /** Waits for the next error. */
  async next(): Promise<ConnectionError> {
    while (this.#errors.length === 0) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const error = this.#errors.shift();
    assert.ok(error instanceof ConnectionError, `${error}`);
    return error;
  }
}
