import { AbortGroups } from "../async/abort_groups.ts";
import type { Connection } from "../connections/connection.ts";
import { duration } from "../connections/options/duration.ts";
import { CodecError, ConnectionError } from "../errors.ts";
import { PendingRequest, RequestQueue } from "./request_queue.ts";

/** The options of {@link Requester}. */
export interface RequesterOptions<Request, Reply = Request> {
  /**
   * Returns the key that a request shares with its reply, such as an id; default: no key, replies come in
   * the order of the requests.
   */
  readonly match?: (message: Request | Reply) => unknown;
  /**
   * Called with messages that match no request, such as notifications. With it the connection is always
   * being read.
   */
  readonly onUnmatched?: (message: Reply) => void;
  /**
   * Maximum number of requests that wait, to be sent or for their reply; default 65,536. Further requests
   * are refused.
   */
  readonly maxWaiting?: number;
}

/** The options of {@link Requester.request}. */
export interface RequestOptions {
  /** Aborts waiting with its reason. A request that has not been sent yet is not sent. */
  readonly signal?: AbortSignal;
  /** Limit on waiting for the reply in milliseconds; default `Infinity`. */
  readonly timeout?: number;
}

/** Maximum number of requests that wait. */
const MAX_WAITING = 65_536;

/** Microtasks within which `receive` gives a message that the transport has read already. */
const RECEIVE_MICROTASKS = 5;

/** Maximum number of abandoned requests that the peer may leave unanswered. */
const MAX_ABANDONED = 65_536;

/**
 * Sends requests over a connection and matches them with their replies, by a key or in order. Requests
 * with the same key are answered in order. A late reply to an abandoned request is discarded. Requests
 * are sent in call order, and only while the connection accepts more.
 *
 * It reads the connection while replies are due; do not receive from the connection meanwhile. It aborts
 * the connection when replies can no longer be matched: when one cannot be decoded and there is a `match`,
 * when `match` or `onUnmatched` throws, when a message has been read before its request is sent and there
 * is neither of them, or when the peer has left 65,536 abandoned requests unanswered.
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
  /** The requests that have not been sent, in order, and those that have been, by key. */
  readonly #unsent: Set<PendingRequest<Request, Reply>> = new Set();
  readonly #sent: Map<unknown, RequestQueue<Request, Reply>> = new Map();
  readonly #aborts: AbortGroups = new AbortGroups();
  #waiting = 0;
  #abandoned = 0;
  #sending = false;
  #reading = false;
  #ending: { readonly error: unknown } | undefined = undefined;

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
    if (!(maxWaiting > 0)) {
      throw new RangeError(`Invalid maxWaiting ${maxWaiting}: expected a positive number`);
    }
    this.#connection = connection;
    this.#options = options;
    this.#maxWaiting = maxWaiting;
    if (onUnmatched !== undefined) this.#read();
  }

  /**
   * Sends a request and waits for its reply. Requests may be sent while others wait.
   *
   * @throws {TypeError | RangeError} The request cannot be framed, or `maxWaiting` requests wait already.
   * Nothing of it is sent.
   * @throws {CodecError} The reply could not be decoded; later ones can be.
   * @throws {ConnectionError} The connection has ended; `"timedOut"`: `timeout` has expired.
   * @throws {FramingError} The peer violates the framing.
   * @throws The signal's reason.
   */
  async request(message: Request, { signal, timeout }: RequestOptions = {}): Promise<Reply> {
    const limit = duration("timeout", timeout);
    if (this.#ending !== undefined) throw this.#ending.error;
    signal?.throwIfAborted();
    if (this.#waiting >= this.#maxWaiting) {
      throw new RangeError(`Cannot request: ${this.#waiting} requests are waiting already`);
    }
    const request = new PendingRequest<Request, Reply>(this.#options.match?.(message), message);
    this.#unsent.add(request);
    this.#waiting++;
    this.#send();
    const abort = () => this.#abandon(request, signal!.reason);
    if (signal !== undefined) this.#aborts.add(signal, abort);
    const expire = () => this.#abandon(request, late(limit));
    const timer = limit === Infinity ? undefined : setTimeout(expire, limit);
    try {
      return await request.reply.promise;
    } finally {
      this.#waiting--;
      clearTimeout(timer);
      if (signal !== undefined) this.#aborts.remove(signal, abort);
    }
  }

  /** Sends the unsent requests, one after the other, while the connection accepts more. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    const { match, onUnmatched } = this.#options;
    for (const request of this.#unsent) {
      // In order, a message that has come before the first request must not pass for its reply.
      const inOrder = match === undefined && onUnmatched === undefined;
      if (inOrder && this.#sent.size === 0) await this.#expectSilence();
      if (!this.#unsent.delete(request)) continue;
      this.#enter(request);
      const sending = this.#connection.send(request.message);
      this.#read();
      // A request that was not sent is not answered.
      await sending.catch((error) => this.#leave(request, error));
    }
    this.#sending = false;
  }

  /** Aborts the connection if a message has arrived already although no reply is due. */
  async #expectSilence(): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const receiving = this.#connection.receive({ signal });
    receiving.catch(() => {});
    for (let count = 0; count < RECEIVE_MICROTASKS; count++) await undefined;
    controller.abort();
    try {
      const message = await receiving;
      if (message === undefined) this.#end(gone());
      else this.#connection.abort(unexpected());
    } catch (error) {
      if (error === signal.reason) return;
      if (error instanceof CodecError) this.#connection.abort(unexpected());
      else this.#end(error);
    }
  }

  #enter(request: PendingRequest<Request, Reply>): void {
    let queue = this.#sent.get(request.key);
    if (queue === undefined) this.#sent.set(request.key, queue = new RequestQueue());
    queue.add(request);
    request.state = "sent";
  }

  /** Returns the request that the next message with this key answers. */
  #next(key: unknown): PendingRequest<Request, Reply> | undefined {
    const request = this.#sent.get(key)?.first;
    if (request !== undefined) this.#remove(request);
    return request;
  }

  #remove(request: PendingRequest<Request, Reply>): void {
    const queue = this.#sent.get(request.key)!;
    queue.remove(request);
    if (queue.first === undefined) this.#sent.delete(request.key);
    if (request.state === "abandoned") this.#abandoned--;
    request.state = "gone";
  }

  #leave(request: PendingRequest<Request, Reply>, error: unknown): void {
    if (request.state !== "gone") this.#remove(request);
    request.reply.reject(error);
  }

  #abandon(request: PendingRequest<Request, Reply>, reason: unknown): void {
    request.reply.reject(reason);
    if (this.#unsent.delete(request)) request.state = "gone";
    if (request.state !== "sent") return;
    request.state = "abandoned";
    if (++this.#abandoned > MAX_ABANDONED) this.#connection.abort(unanswered());
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
      if (this.#options.match !== undefined) this.#connection.abort(error);
      else this.#next(undefined)?.reply.reject(error);
    }
  }

  /** Resolves the request that a message answers. The next `receive` reports an abort. */
  #answer(message: Reply): void {
    try {
      const request = this.#next(this.#options.match?.(message));
      if (request === undefined) this.#options.onUnmatched?.(message);
      else request.reply.resolve(message);
    } catch (error) {
      this.#connection.abort(error);
    }
  }

  /** The connection has ended: all requests fail. */
  #end(error: unknown): void {
    this.#ending ??= { error };
    for (const request of this.#unsent) request.reply.reject(error);
    this.#unsent.clear();
    for (const queue of this.#sent.values()) {
      for (let request = queue.first; request !== undefined; request = request.next) {
        request.state = "gone";
        request.reply.reject(error);
      }
    }
    this.#sent.clear();
  }
}

function late(limit: number): ConnectionError {
  return new ConnectionError(`Cannot request: no reply within ${limit} ms`, { code: "timedOut" });
}

function gone(): ConnectionError {
  return new ConnectionError("Cannot request: the connection was closed", { code: "closed" });
}

function unanswered(): Error {
  return new Error(`the peer has left ${MAX_ABANDONED} abandoned requests unanswered`);
}

function unexpected(): Error {
  return new Error("the peer has sent a message before its request");
}
