import { CodecError, ConnectionError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { duration } from "./duration.ts";
import { Line, Place } from "./line.ts";

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

/** A peer who leaves so many requests unanswered that were given up answers nobody. */
const MOST_GIVEN_UP = 65_536;

/**
 * Sends requests over a connection and pairs them with their replies: by a key, or in order, which is
 * the case of one key for all. Of requests that share a key the one sent first is answered first, also
 * when it was given up: then its reply is let go, and never reaches another one.
 *
 * It reads the connection while replies are due; nobody else receives from it meanwhile. It aborts the
 * connection when nobody can say any more whose reply is whose: when one cannot be decoded and there is
 * a `match`, when `match` or `onUnmatched` throws at what has come, or when the peer has left 65,536
 * requests unanswered that were given up.
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
  readonly #lines: Map<unknown, Line<Message>> = new Map<unknown, Line<Message>>();
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
   * @throws {CodecError} The reply could not be decoded; the next one can be.
   * @throws {ConnectionError} The connection has ended; `"timedOut"`: the time is over.
   * @throws {FramingError} What the peer sends cannot be framed.
   * @throws The reason of the signal.
   */
  async request(message: Message, { signal, timeout }: RequestOptions = {}): Promise<Message> {
    const limit = duration("timeout", timeout);
    if (this.#ending !== undefined) throw this.#ending.error;
    signal?.throwIfAborted();
    const place = this.#enter(this.#options.match?.(message));
    // What could not be sent is not answered.
    this.#connection.send(message).catch((error) => this.#leave(place, error));
    this.#read();
    const abort = () => this.#giveUp(place, signal!.reason);
    signal?.addEventListener("abort", abort);
    const expire = () => this.#giveUp(place, late(limit));
    const timer = limit === Infinity ? undefined : setTimeout(expire, limit);
    try {
      return await place.reply.promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  #enter(key: unknown): Place<Message> {
    let line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, line = new Line());
    return line.add(new Place(key));
  }

  /** Who the next message with this key answers. */
  #next(key: unknown): Place<Message> | undefined {
    const place = this.#lines.get(key)?.first;
    if (place !== undefined) this.#remove(place);
    return place;
  }

  #remove(place: Place<Message>): void {
    const line = this.#lines.get(place.key)!;
    line.remove(place);
    if (line.first === undefined) this.#lines.delete(place.key);
    if (place.state === "givenUp") this.#givenUp--;
    place.state = "gone";
  }

  #leave(place: Place<Message>, error: unknown): void {
    if (place.state !== "gone") this.#remove(place);
    place.reply.reject(error);
  }

  #giveUp(place: Place<Message>, reason: unknown): void {
    if (place.state !== "waiting") return;
    place.state = "givenUp";
    place.reply.reject(reason);
    if (++this.#givenUp > MOST_GIVEN_UP) this.#connection.abort(unanswered());
  }

  /** Reads while replies are due. */
  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#lines.size > 0 || this.#options.onUnmatched !== undefined) {
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
      if (this.#options.match !== undefined) this.#connection.abort(error);
      else this.#next(undefined)?.reply.reject(error);
    }
  }

  /** Whoever is at fault here, the next `receive` tells of the abort. */
  #answer(message: Message): void {
    try {
      const place = this.#next(this.#options.match?.(message));
      if (place === undefined) this.#options.onUnmatched?.(message);
      else place.reply.resolve(message);
    } catch (error) {
      this.#connection.abort(error);
    }
  }

  /** The connection has ended: nobody is left waiting. */
  #end(error: unknown): void {
    this.#ending = { error };
    for (const line of this.#lines.values()) {
      for (let place = line.first; place !== undefined; place = place.behind) {
        place.state = "gone";
        place.reply.reject(error);
      }
    }
    this.#lines.clear();
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
