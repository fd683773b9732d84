import assert from "node:assert/strict";
import {
  connect,
  type Connection,
  ConnectionError,
  listen,
  type Protocol,
  type TlsOptions,
} from "../../mod.ts";
import { authority, good } from "./certificates.ts";

/** What a client demands that trusts the tests' authority. */
export const trusting: { readonly ca: string } = { ca: authority.cert };

/** What a server shows that is in order. */
export const identity: { readonly key: string; readonly cert: string } = good;

/** Both ends of a connection by TLS: the client's first. */
export async function pair<Message = Uint8Array>(
  protocol: Protocol<Message>,
  client: TlsOptions = trusting,
  server: TlsOptions = identity,
): Promise<[Connection<Message>, Connection<Message>]> {
  const listener = await listen({ ...protocol, tls: server });
  try {
    return await Promise.all([
      connect({ ...listener.address, ...protocol, tls: client }),
      listener.accept() as Promise<Connection<Message>>,
    ]);
  } finally {
    listener.close();
  }
}

/** Closes both ends. */
export async function closeAll(...connections: readonly Connection<unknown>[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.close()));
}

/** The network's error that something is expected to fail with. */
export async function failureOf(attempt: Promise<unknown>): Promise<ConnectionError> {
  const error = await attempt.then((value) => {
    assert.fail(`it has not failed, but given ${value}`);
  }, (error) => error);
  assert.ok(error instanceof ConnectionError, `${error?.stack}`);
  return error;
}

/** Those whom a listener has refused: why, one after the other. */
export class Refusals {
  readonly #errors: unknown[] = [];
  #wake = () => {};

  /** The listener's option. */
  readonly onHandshakeError = (error: unknown): void => {
    this.#errors.push(error);
    this.#wake();
  };

  /** Why the next one is refused. */
  async next(): Promise<ConnectionError> {
    while (this.#errors.length === 0) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const error = this.#errors.shift();
    assert.ok(error instanceof ConnectionError, `${error}`);
    return error;
  }
}
