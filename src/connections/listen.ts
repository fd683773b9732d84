import { frameLimit, type Protocol } from "../protocol.ts";
import type { Address, Door } from "../transports/transport.ts";
import { socketsFor } from "./connect.ts";
import { Connection } from "./connection.ts";
import { connectionError } from "./connection_error.ts";

/** Where {@link listen} listens. */
export interface ListenOptions {
  /** The name or IP address listened on; default `"127.0.0.1"`, `"0.0.0.0"` for all of IPv4. */
  readonly hostname?: string;
  /** The port, up to 65,535; default 0: the system chooses one. */
  readonly port?: number;
}

/**
 * Listens for TCP connections.
 *
 * @typeParam Message What is sent and received; frames where the protocol has no codec.
 * @param options Where, and how each two will talk.
 * @throws {ConnectionError} It cannot listen there: `code` says why.
 * @throws {RangeError} The port is none, or `maxFrameLength` no limit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, fixed, listen } from "@framewright/framewright";
 *
 * await using listener = await listen({ framer: fixed(2) });
 * await using client = await connect({ ...listener.address, framer: fixed(2) });
 * await client.send(Uint8Array.of(1, 2));
 * for await (const connection of listener) {
 *   assert.deepEqual(await connection.receive(), Uint8Array.of(1, 2));
 *   await Promise.all([connection.close(), client.close()]);
 *   break;
 * }
 * ```
 */
export async function listen<Message = Uint8Array>(
  options: ListenOptions & Protocol<Message>,
): Promise<Listener<Message>> {
  const { hostname = "127.0.0.1", port = 0 } = options;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError(`Cannot listen on port ${port}: ports are 0 to 65535`);
  }
  frameLimit(options);
  const action = `Cannot listen on ${hostname}:${port}`;
  const sockets = await socketsFor(action);
  try {
    return new Listener(await sockets.listen({ hostname, port }), options);
  } catch (error) {
    throw connectionError(action, error);
  }
}

/** The connections that come in, one after the other. Made by {@link listen}. */
export class Listener<Message = Uint8Array>
  implements AsyncIterable<Connection<Message>, undefined>, AsyncDisposable {
  readonly #door: Door;
  readonly #protocol: Protocol<Message>;

  /** Makes a listener of a door. */
  constructor(door: Door, protocol: Protocol<Message>) {
    this.#door = door;
    this.#protocol = protocol;
  }

  /** The address listened on, with the port that the system chose. */
  get address(): Address {
    return this.#door.address;
  }

  /**
   * Waits for the next connection.
   *
   * @returns The connection; `undefined` when the listener is closed.
   * @throws {ConnectionError} The system could not accept one.
   */
  async accept(): Promise<Connection<Message> | undefined> {
    try {
      const transport = await this.#door.accept();
      return transport === undefined ? undefined : new Connection(transport, this.#protocol);
    } catch (error) {
      throw connectionError("Cannot accept connection", error);
    }
  }

  /** Iterates over the connections that come in, until the listener is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Connection<Message>, undefined> {
    return {
      next: async () => {
        const value = await this.accept();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
    };
  }

  /** Stops listening. Connections that were accepted live on. */
  close(): void {
    this.#door.close();
  }

  /** Stops listening. */
  // deno-lint-ignore require-await
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
