import { CancellableCall, type JsonRpcCall } from "./json_rpc_call.ts";
import { JsonRpcError } from "./json_rpc_error.ts";
import type {
  JsonRpcErrorObject,
  JsonRpcId,
  JsonRpcMessage,
  JsonRpcNotification,
  JsonRpcRequest,
  JsonRpcResponse,
} from "./json_rpc_message.ts";

/**
 * The methods that the other side may call, by name: functions that receive the parameters, whose type is not
 * checked, and the call. A request is answered with the function's result, `undefined` as `null`.
 */
export interface JsonRpcMethods {
  /** A method: annotate the type of its parameters. */
  readonly [name: string]: (params: never, call: JsonRpcCall) => unknown;
}

/** The notification that cancels a request: that of LSP or that of MCP. */
export type JsonRpcCancellation = "$/cancelRequest" | "notifications/cancelled";

/** How calls are run. */
interface Rules {
  readonly methods: JsonRpcMethods;
  readonly cancellation: JsonRpcCancellation | undefined;
  readonly maxCalls: number;
  readonly onError: (error: unknown) => void;
  readonly send: (message: JsonRpcMessage) => Promise<void>;
}

type Outcome = Pick<JsonRpcResponse, "result" | "error">;

const INTERNAL_ERROR: JsonRpcErrorObject = { code: -32603, message: "Internal error" };

/** The calls of a {@link JsonRpcPeer} by the other side, which run concurrently. */
export class JsonRpcCalls {
  readonly #rules: Rules;
  readonly #running: Map<CancellableCall, Promise<void>> = new Map();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Starts a call. Returns a promise if no further message should be read until it has settled. */
  start({ method, id, params }: JsonRpcRequest | JsonRpcNotification): Promise<void> | undefined {
    const { cancellation, maxCalls } = this.#rules;
    if (id === undefined && method === cancellation) return this.#cancelOne(params);
    const full = this.#running.size >= maxCalls;
    if (full && id !== undefined) {
      return this.#reply(id, { error: { code: -32000, message: "Too many requests" } });
    }
    const call = new CancellableCall(method, id);
    const running = this.#run(call, params).finally(() => this.#running.delete(call));
    this.#running.set(call, running);
    return full ? running : undefined;
  }

  /** Waits for all calls. */
  async finish(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Cancels all calls. */
  cancel(reason: unknown): void {
    for (const call of this.#running.keys()) call.cancel(reason);
  }

  /** Cancels the call that a notification names: by `id` in LSP, by `requestId` in MCP. */
  #cancelOne(params: unknown): undefined {
    const { id, requestId = id } = (params ?? {}) as Record<string, unknown>;
    for (const call of this.#running.keys()) {
      if (call.id === undefined || call.id !== requestId) continue;
      call.cancel(new DOMException("The request was cancelled", "AbortError"));
    }
  }

  async #run(call: CancellableCall, params: unknown): Promise<void> {
    const { methods, cancellation } = this.#rules;
    const { method, id } = call;
    let outcome: Outcome;
    try {
      outcome = Object.hasOwn(methods, method)
        ? { result: await methods[method]!(params as never, call) ?? null }
        : { error: { code: -32601, message: "Method not found" } };
    } catch (error) {
      outcome = { error: this.#errorOf(call, error) };
    }
    const unanswered = call.cancelled && cancellation === "notifications/cancelled";
    if (id !== undefined && !unanswered) await this.#reply(id, outcome);
  }

  #errorOf(call: CancellableCall, error: unknown): JsonRpcErrorObject {
    if (error instanceof JsonRpcError) {
      const { code, message, data } = error;
      return { code, message, data };
    }
    if (call.cancelled) return { code: -32800, message: "Request cancelled" };
    this.#rules.onError(error);
    return INTERNAL_ERROR;
  }

  /** Answers a request. Reading finds out that the connection has failed. */
  async #reply(id: JsonRpcId, outcome: Outcome): Promise<void> {
    const { send, onError } = this.#rules;
    try {
      await send({ jsonrpc: "2.0", id, ...outcome });
    } catch (error) {
      // The result cannot be written, unless the connection has failed.
      onError(error);
      await send({ jsonrpc: "2.0", id, error: INTERNAL_ERROR }).catch(() => {});
    }
  }
}
