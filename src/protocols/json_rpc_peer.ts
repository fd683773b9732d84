import { AbortGroups } from "../async/abort_groups.ts";
import { Deferred } from "../async/deferred.ts";
import { report } from "../async/report.ts";
import type { Connection } from "../connections/connection.ts";
import { duration } from "../connections/options/duration.ts";
import { limit } from "../bytes/invalid_option.ts";
import { reportBug } from "../connections/report_bug.ts";
import { CodecError, ConnectionError } from "../errors.ts";
import type { RequestOptions } from "../requests/requester.ts";
import { JsonRpcCalls, type JsonRpcCancellation, type JsonRpcMethods } from "./json_rpc_calls.ts";
import { JsonRpcError } from "./json_rpc_error.ts";
import type { JsonRpcId, JsonRpcMessage, JsonRpcResponse } from "./json_rpc_message.ts";

/** The options of {@link JsonRpcPeer}. */
export interface JsonRpcPeerOptions {
  /** The methods that the other side may call; default: none. Only own members count. */
  readonly methods?: JsonRpcMethods;
  /**
   * The notification that cancels a request: that of LSP or that of MCP. A request that is cancelled by LSP is
   * answered anyway, one that is cancelled by MCP is not. Default: requests are not cancelled.
   */
  readonly cancellation?: JsonRpcCancellation;
  /** Maximum number of own requests that wait for a response; default 65,536. Further ones are refused. */
  readonly maxWaiting?: number;
  /**
   * Maximum number of concurrent calls by the other side; default 1,024. Further requests are answered with an
   * error, further notifications wait.
   */
  readonly maxCalls?: number;
  /**
   * Called with errors that methods throw, except for a {@link JsonRpcError}, and with invalid messages.
   * Default: prints errors that neither the peer nor the network has caused.
   */
  readonly onError?: (error: unknown) => void;
}

const MAX_WAITING = 65_536;
const MAX_CALLS = 1_024;

/**
 * One side of a connection on which both sides may send requests and notifications of JSON-RPC: client or server
 * of LSP, MCP, ACP and others. The peer reads the connection all the time; do not receive from it.
 *
 * Calls run concurrently, and are answered in the order in which they finish. A method that throws is answered
 * with -32603 (internal error) and no details, or with the code and the text of its {@link JsonRpcError}. An unknown
 * method is answered with -32601. Responses that match no request are ignored.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, serve } from "@framewright/framewright";
 * import { jsonRpcLines, JsonRpcPeer } from "@framewright/framewright/protocols";
 *
 * const methods = { add: ([one, other]: [number, number]) => one + other };
 * await using server = await serve(jsonRpcLines(), async (connection) => {
 *   await new JsonRpcPeer(connection, { methods }).ended;
 * });
 * await using connection = await connect({ ...server.address, ...jsonRpcLines() });
 * const peer = new JsonRpcPeer(connection);
 * assert.equal(await peer.request("add", [40, 2]), 42);
 * ```
 */
export class JsonRpcPeer {
  /**
   * Resolves when the other side has ended the stream and all of its calls have been answered; rejects if the
   * connection fails. It need not be handled.
   */
  readonly ended: Promise<void>;
  readonly #connection: Pick<Connection<JsonRpcMessage>, "receive" | "send">;
  readonly #cancellation: JsonRpcCancellation | undefined;
  readonly #onError: (error: unknown) => void;
  readonly #maxWaiting: number;
  readonly #waiting: Map<JsonRpcId, Deferred<JsonRpcResponse>> = new Map();
  readonly #calls: JsonRpcCalls;
  readonly #aborts: AbortGroups = new AbortGroups();
  #lastId = 0;
  /** Why no response can arrive anymore. */
  #end: { readonly error: unknown } | undefined = undefined;

  /**
   * Creates a peer for a connection, and begins to read it.
   *
   * @throws {RangeError | TypeError} `maxWaiting` or `maxCalls` is not a positive number.
   */
  constructor(
    connection: Pick<Connection<JsonRpcMessage>, "receive" | "send">,
    options: JsonRpcPeerOptions = {},
  ) {
    const { methods = {}, cancellation, onError = reportBug } = options;
    const { maxWaiting = MAX_WAITING, maxCalls = MAX_CALLS } = options;
    this.#connection = connection;
    this.#cancellation = cancellation;
    this.#onError = onError;
    this.#maxWaiting = limit("maxWaiting", maxWaiting);
    this.#calls = new JsonRpcCalls({
      methods,
      cancellation,
      maxCalls: limit("maxCalls", maxCalls),
      onError: (error) => report(onError, error),
      send: (message) => this.#send(message),
    });
    this.ended = this.#read();
    this.ended.catch(() => {});
  }

  /**
   * Sends a request and returns its result. A request that is aborted or has timed out is cancelled, if the
   * option `cancellation` says how.
   *
   * @typeParam Result The result, which is not checked.
   * @throws {JsonRpcError} The other side reports an error.
   * @throws {TypeError | RangeError} The request cannot be written, or `maxWaiting` requests are waiting.
   * @throws {ConnectionError} The connection has ended, or `timeout` has expired (`"timedOut"`).
   * @throws {FramingError} The other side violates the framing.
   * @throws The signal's reason.
   */
  async request<Result = unknown>(
    method: string,
    params?: unknown,
    { signal, timeout }: RequestOptions = {},
  ): Promise<Result> {
    const time = duration("timeout", timeout);
    if (this.#end !== undefined) throw this.#end.error;
    signal?.throwIfAborted();
    if (this.#waiting.size >= this.#maxWaiting) {
      throw new RangeError(`Cannot request: maxWaiting of ${this.#maxWaiting} requests reached`);
    }
    const id = ++this.#lastId;
    const reply = new Deferred<JsonRpcResponse>();
    const abandon = (reason: unknown) => {
      reply.reject(reason);
      this.#cancel(id);
    };
    const abort = () => abandon(signal!.reason);
    this.#waiting.set(id, reply);
    if (signal !== undefined) this.#aborts.add(signal, abort);
    const timer = time === Infinity ? undefined : setTimeout(() => abandon(expired(time)), time);
    this.#send({ jsonrpc: "2.0", id, method, params }).catch(reply.reject);
    try {
      const { error, result } = await reply.promise;
      if (error !== undefined) throw new JsonRpcError(error);
      return result as Result;
    } finally {
      this.#waiting.delete(id);
      clearTimeout(timer);
      if (signal !== undefined) this.#aborts.remove(signal, abort);
    }
  }

  /**
   * Sends a notification.
   *
   * @returns Resolves when more may be sent.
   * @throws {TypeError | RangeError} The notification cannot be written.
   * @throws {ConnectionError} The connection has failed, or this side has finished sending.
   */
  notify(method: string, params?: unknown): Promise<void> {
    return this.#send({ jsonrpc: "2.0", method, params });
  }

  #send(message: JsonRpcMessage): Promise<void> {
    return this.#connection.send(message);
  }

  #cancel(id: JsonRpcId): void {
    const method = this.#cancellation;
    if (method === undefined) return;
    const params = method === "$/cancelRequest" ? { id } : { requestId: id };
    this.notify(method, params).catch(() => {});
  }

  async #read(): Promise<void> {
    try {
      for (let message; (message = await this.#receive()) !== undefined;) {
        if (message.method !== undefined) await this.#calls.start(message);
        else this.#waiting.get(message.id)?.resolve(message);
      }
      this.#fail(closed());
      await this.#calls.finish();
    } catch (error) {
      this.#fail(error);
      this.#calls.cancel(error);
      throw error;
    }
  }

  async #receive(): Promise<JsonRpcMessage | undefined> {
    for (;;) {
      try {
        return await this.#connection.receive();
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        report(this.#onError, error);
      }
    }
  }

  #fail(error: unknown): void {
    this.#end = { error };
    for (const reply of this.#waiting.values()) reply.reject(error);
  }
}

function expired(time: number): ConnectionError {
  return new ConnectionError(`Cannot request: no response within ${time} ms`, { code: "timedOut" });
}

function closed(): ConnectionError {
  return new ConnectionError("Cannot request: the connection was closed", { code: "closed" });
}
