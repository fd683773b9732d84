import { CodecError, ConnectionError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { duration } from "./duration.ts";

/** The options of {@link Requester}. */
export interface RequesterOptions<Message> {
  /**
   * The key that a request shares with its reply, such as an id; default: none, replies come in the
   * order of the requests.
   */
  readonly match?: (message: Message) => unknown;
  /** Is given what answers no request, such as a notification. With it the connection is always read. */
  readonly onUnmatched?: (message: Message) => void;
}

/** The options of {@link Requester.request}. */
export interface RequestOptions {
  /** Gives up waiting, with its reason. */
  readonly signal?: AbortSignal;
  /** Gives up waiting after so many milliseconds; default `Infinity`. */
  readonly timeout?: number;
}

/** A request that was sent. It keeps its place when it is given up, so that its reply finds nobody else. */
interface Sent<Message> {
  readonly resolve: (reply: Message) => void;
  readonly reject: (error: unknown) => void;
  givenUp: boolean;
}

/** A peer who leaves so many requests unanswered that were given up answers nobody. */
const MOST_GIVEN_UP = 65_536;

/**
 * Sends requests over a connection and pairs them with their replies: by a key, or in order, which is
 * the case of one key for all. Of requests that share a key the one sent first is answered first, also
 * when it was given up: then its reply is let go, and never reaches another one.
 *
 * It reads the connection while replies are due; nobody else receives from it meanwhile.
 *
 * @typeParam Message What is sent and received.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, json, lines, Requester, serve } from "@framewright/framewright";
 *
 * const protocol = { framer: lines(), codec: json<{ id: number; text: string }>() };
 * await using server = await serve(protocol, async (connection) => {
 *   for await (const { id, text } of connection) await connection.send({ id, text: text + "!" });
 * });
 * await using connection = await connect({ ...server.address, ...protocol });
 * const requester = new Requester(connection, { match: ({ id }) => id });
 * assert.equal((await requester.request({ id: 7, text: "hi" })).text, "hi!");
 * ```
 */
export class Requester<Message> {
  readonly #connection: Connection<Message>;
  readonly #options: RequesterOptions<Message>;
  readonly #sent: Map<unknown, Sent<Message>[]> = new Map<unknown, Sent<Message>[]>();
  #givenUp = 0;
  #reading = false;
  #ending: { readonly error: unknown } | undefined = undefined;

  /** Makes a requester of a connection. */
  constructor(connection: Connection<Message>, options: RequesterOptions<Message> = {}) {
    this.#connection = connection;
    this.#options = options;
    if (options.onUnmatched !== undefined) this.#read();
  }

  /**
   * Sends a request, and waits for its reply. Requests may be sent while others wait.
   *
   * @throws {TypeError | RangeError} The request cannot be framed: nothing of it is sent.
   * @throws {CodecError} The reply could not be decoded; where replies are found by key nobody can tell
   * whose it was, and all that wait are told.
   * @throws {ConnectionError} The connection has ended; `"timedOut"`: the time is over.
   * @throws {FramingError} What the peer sends cannot be framed.
   * @throws The reason of the signal.
   */
  async request(message: Message, { signal, timeout }: RequestOptions = {}): Promise<Message> {
    const limit = duration("timeout", timeout);
    if (this.#ending !== undefined) throw this.#ending.error;
    signal?.throwIfAborted();
    const key = this.#options.match?.(message);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let abort = () => {};
    try {
      return await new Promise((resolve, reject) => {
        const sent: Sent<Message> = { resolve, reject, givenUp: false };
        abort = () => this.#giveUp(sent, signal!.reason);
        signal?.addEventListener("abort", abort);
        if (limit < Infinity) timer = setTimeout(() => this.#giveUp(sent, late(limit)), limit);
        this.#queue(key).push(sent);
        this.#connection.send(message).catch((error) => {
          // What could not be framed was not sent; of the connection's own end the reading tells.
          if (error instanceof ConnectionError) return;
          this.#forget(key, sent);
          reject(error);
        });
        this.#read();
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  #queue(key: unknown): Sent<Message>[] {
    let queue = this.#sent.get(key);
    if (queue === undefined) this.#sent.set(key, queue = []);
    return queue;
  }

  #forget(key: unknown, sent: Sent<Message>): void {
    const queue = this.#queue(key);
    queue.splice(queue.indexOf(sent), 1);
    if (queue.length === 0) this.#sent.delete(key);
    if (sent.givenUp) this.#givenUp--;
  }

  #giveUp(sent: Sent<Message>, reason: unknown): void {
    sent.reject(reason);
    if (sent.givenUp) return;
    sent.givenUp = true;
    if (++this.#givenUp > MOST_GIVEN_UP) this.#connection.abort(unanswered());
  }

  /** Reads while replies are due. */
  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#sent.size > 0 || this.#options.onUnmatched !== undefined) {
        await this.#readOne();
      }
    } catch (error) {
      this.#end(error);
    }
    this.#reading = false;
  }

  async #readOne(): Promise<void> {
    try {
      const message = await this.#connection.receive();
      if (message === undefined) throw gone();
      this.#answer(message);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#refuse(error);
    }
  }

  #answer(reply: Message): void {
    const key = this.#options.match?.(reply);
    const sent = this.#sent.get(key)?.[0];
    if (sent === undefined) return this.#options.onUnmatched?.(reply);
    this.#forget(key, sent);
    if (!sent.givenUp) sent.resolve(reply);
  }

  /** A reply could not be decoded. */
  #refuse(error: CodecError): void {
    for (const [key, [first]] of [...this.#sent]) {
      this.#giveUp(first!, error);
      if (this.#options.match === undefined) this.#forget(key, first!);
    }
  }

  /** The connection has ended: nobody is left waiting. */
  #end(error: unknown): void {
    this.#ending = { error };
    for (const queue of this.#sent.values()) {
      for (const sent of queue) sent.reject(error);
    }
    this.#sent.clear();
  }
}

function late(limit: number): ConnectionError {
  return new ConnectionError(`Cannot request: no reply within ${limit} ms`, { code: "timedOut" });
}

function gone(): ConnectionError {
  return new ConnectionError("Cannot request: the connection was closed", {
    code: "closed",
  });
}

function unanswered(): Error {
  return new Error(`the peer has left ${MOST_GIVEN_UP} requests unanswered that were given up`);
}
