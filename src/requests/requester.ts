import { limit } from "../bytes/invalid_option.ts";
import { AbortGroups } from "../async/abort_groups.ts";
import type { Connection } from "../connections/connection.ts";
import { duration } from "../connections/options/duration.ts";
import { CodecError, ConnectionError } from "../errors.ts";
import { discardEarlyMessage } from "./discard_early_message.ts";
import { PendingRequest } from "./pending_request.ts";
import { SentRequests } from "./sent_requests.ts";

/** The options of {@link Requester}. */
export interface RequesterOptions<Request, Reply = Request> {
  /**
   * Returns the key that a request shares with its reply, such as an id; `undefined` for other messages.
   * Default: replies arrive in the order of the requests.
   */
  readonly match?: (message: Request | Reply) => unknown;
  /**
   * Called with messages that match no request, such as notifications. If given, the connection is read
   * all the time.
   */
  readonly onUnmatched?: (message: Reply) => void;
  /** Maximum number of unanswered requests, sent or not; default 65,536. Further ones are refused. */
  readonly maxWaiting?: number;
}

/** The options of {@link Requester.request}. */
export interface RequestOptions {
  /** Abandons the request when aborted. If it has not been sent yet, it is not sent. */
  readonly signal?: AbortSignal;
  /** Time limit in milliseconds for the reply; default `Infinity`. */
  readonly timeout?: number;
}

const MAX_WAITING = 65_536;

/** Maximum number of abandoned requests that the peer may leave unanswered. */
const MAX_ABANDONED = 65_536;

/**
 * Sends requests over a connection and matches them with their replies, by a key or in order. Requests
 * with the same key are answered in order. A late reply to an abandoned request is discarded. Requests
 * are sent in call order, and only while the connection accepts more.
 *
 * The requester reads the connection while replies are due; do not receive from it meanwhile. It aborts
 * the connection when replies can no longer be matched:
 *
 * - a reply cannot be decoded, and there is a `match`;
 * - `match` or `onUnmatched` throws;
 * - a message has arrived before its request was sent, and there is neither `match` nor `onUnmatched`;
 * - the peer has left 65,536 abandoned requests unanswered.
 *
 * @typeParam Request A sent message.
 * @typeParam Reply A received message; by default the same type.
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
export class Requester<Request, Reply = Request> {
  readonly #connection: Connection<Reply, Request>;
  readonly #options: RequesterOptions<Request, Reply>;
  readonly #maxWaiting: number;
  /** The requests that have not been sent, in order. */
  readonly #unsent: Set<PendingRequest<Request, Reply>> = new Set();
  readonly #sent: SentRequests<Request, Reply> = new SentRequests();
  readonly #aborts: AbortGroups = new AbortGroups();
  #waiting = 0;
  #sending = false;
  #reading = false;
  /** Why the connection has ended. */
  #end: { readonly error: unknown } | undefined;

  /**
   * Creates a requester for a connection.
   *
   * @throws {RangeError} `maxWaiting` is not a positive number.
   */
  constructor(
    connection: Connection<Reply, Request>,
    options: RequesterOptions<Request, Reply> = {},
  ) {
    const { maxWaiting = MAX_WAITING, onUnmatched } = options;
    this.#connection = connection;
    this.#options = options;
    this.#maxWaiting = limit("maxWaiting", maxWaiting);
    if (onUnmatched !== undefined) this.#read();
  }

  /**
   * Sends a request and returns its reply. Calls may overlap.
   *
   * @throws {TypeError | RangeError} The request cannot be framed or has no key, or `maxWaiting` requests are
   * waiting. Nothing of it is sent.
   * @throws {CodecError} The reply could not be decoded. Later ones can be.
   * @throws {ConnectionError} The connection has ended, or `timeout` has expired (`"timedOut"`).
   * @throws {FramingError} The peer violates the framing.
   * @throws The signal's reason.
   */
  async request(message: Request, { signal, timeout }: RequestOptions = {}): Promise<Reply> {
    const time = duration("timeout", timeout);
    if (this.#end !== undefined) throw this.#end.error;
    signal?.throwIfAborted();
    if (this.#waiting >= this.#maxWaiting) {
      throw new RangeError(`Cannot request: maxWaiting of ${this.#maxWaiting} requests reached`);
    }
    const { match } = this.#options;
    const key = match?.(message);
    if (match !== undefined && key === undefined) {
      throw new TypeError("Cannot request: match returned undefined for the request");
    }
    const request = new PendingRequest<Request, Reply>(key, message);
    this.#unsent.add(request);
    this.#waiting++;
    this.#send();
    const abort = () => this.#abandon(request, signal!.reason);
    if (signal !== undefined) this.#aborts.add(signal, abort);
    const expire = () => this.#abandon(request, expired(time));
    const timer = time === Infinity ? undefined : setTimeout(expire, time);
    try {
      return await request.reply.promise;
    } finally {
      this.#waiting--;
      clearTimeout(timer);
      if (signal !== undefined) this.#aborts.remove(signal, abort);
    }
  }

  /** Sends the unsent requests in order, each when the connection accepts more. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    const { match, onUnmatched } = this.#options;
    for (const request of this.#unsent) {
      // Without a key, a message that arrived before the first request would be taken for its reply.
      const inOrder = match === undefined && onUnmatched === undefined;
      if (inOrder && this.#sent.empty) await this.#expectNothing();
      if (!this.#unsent.delete(request)) continue;
      this.#sent.add(request);
      const sending = this.#connection.send(request.message);
      this.#read();
      // A request that could not be sent gets no reply.
      await sending.catch((error) => this.#withdraw(request, error));
    }
    this.#sending = false;
  }

  /** Aborts the connection if a message has arrived although no reply is due. */
  async #expectNothing(): Promise<void> {
    try {
      const found = await discardEarlyMessage(this.#connection);
      if (found === "message") this.#connection.abort(unexpected());
      if (found === "end") this.#fail(closed());
    } catch (error) {
      this.#fail(error);
    }
  }

  #withdraw(request: PendingRequest<Request, Reply>, error: unknown): void {
    this.#sent.remove(request);
    request.reply.reject(error);
  }

  #abandon(request: PendingRequest<Request, Reply>, reason: unknown): void {
    request.reply.reject(reason);
    if (this.#unsent.delete(request)) return;
    this.#sent.abandon(request);
    if (this.#sent.abandoned > MAX_ABANDONED) this.#connection.abort(unanswered());
  }

  /** Reads while replies are due. */
  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (!this.#sent.empty || this.#options.onUnmatched !== undefined) await this.#readOne();
    } catch (error) {
      this.#fail(error);
    }
    this.#reading = false;
  }

  async #readOne(): Promise<void> {
    try {
      const message = await this.#connection.receive();
      if (message === undefined) throw closed();
      this.#answer(message);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      if (this.#options.match !== undefined) this.#connection.abort(error);
      else this.#sent.take(undefined)?.reply.reject(error);
    }
  }

  /** Resolves the request that a message answers. After an abort the next `receive` rejects. */
  #answer(message: Reply): void {
    try {
      const request = this.#sent.take(this.#options.match?.(message));
      if (request === undefined) this.#options.onUnmatched?.(message);
      else request.reply.resolve(message);
    } catch (error) {
      this.#connection.abort(error);
    }
  }

  /** Rejects all requests, since the connection has ended. */
  #fail(error: unknown): void {
    this.#end ??= { error };
    for (const request of this.#unsent) request.reply.reject(error);
    this.#unsent.clear();
    this.#sent.reject(error);
  }
}

function expired(limit: number): ConnectionError {
  return new ConnectionError(`Cannot request: no reply within ${limit} ms`, { code: "timedOut" });
}

function closed(): ConnectionError {
  return new ConnectionError("Cannot request: the connection was closed", { code: "closed" });
}

function unanswered(): Error {
  return new Error(`the peer has left ${MAX_ABANDONED} abandoned requests unanswered`);
}

function unexpected(): Error {
  return new Error("the peer has sent a message before its request");
}
