import assert from "node:assert/strict";
import {
  type Codec,
  connect,
  type Connection,
  ConnectionError,
  type ConnectionOptions,
  type ConnectOptions,
  type Framer,
  lines,
  listen,
  type ListenOptions,
  type Protocol,
  text,
} from "../../mod.ts";

/** Lines of text, the protocol of most tests. */
export const textLines: { readonly framer: Framer; readonly codec: Codec<Uint8Array, string> } = {
  framer: lines(),
  codec: text(),
};

/** Returns both ends of a connection, the client's first. */
export async function pair<Message = Uint8Array>(
  protocol: Protocol<Message> & ConnectionOptions,
  client: ConnectOptions & { readonly maxFrameLength?: number } = {},
  server: ListenOptions = {},
): Promise<[client: Connection<Message>, server: Connection<Message>]> {
  const listener = await listen({ ...server, ...protocol });
  try {
    const ends = await Promise.all([
      connect({ ...listener.address, ...protocol, ...client }),
      listener.accept(),
    ]);
    return ends as [Connection<Message>, Connection<Message>];
  } finally {
    listener.close();
  }
}

/** Closes connections concurrently. */
export async function closeAll(
  ...connections: readonly { close(): Promise<void> }[]
): Promise<void> {
  await Promise.all(connections.map((connection) => connection.close()));
}

/** Returns the `ConnectionError` that a call must reject with. */
export async function failureOf(attempt: Promise<unknown>): Promise<ConnectionError> {
  const error = await attempt.then((value) => {
    assert.fail(`expected a ConnectionError, got the result ${value}`);
  }, (error) => error);
  assert.ok(error instanceof ConnectionError, `${error?.stack ?? error}`);
  return error;
}
