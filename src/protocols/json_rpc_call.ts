import type { JsonRpcId } from "./json_rpc_message.ts";

/** A call of a method by the other side. */
export interface JsonRpcCall {
  /** Name of the method. */
  readonly method: string;
  /** The id of the request; `undefined` for a notification. */
  readonly id: JsonRpcId | undefined;
  /** Aborted when the other side cancels the request, and when the connection fails. */
  readonly signal: AbortSignal;
}

/** A call that can be cancelled. */
export class CancellableCall implements JsonRpcCall {
  readonly method: string;
  readonly id: JsonRpcId | undefined;
  /** Created when it is asked for, since few methods need it. */
  #controller: AbortController | undefined = undefined;
  #cancelled: { readonly reason: unknown } | undefined = undefined;

  constructor(method: string, id: JsonRpcId | undefined) {
    this.method = method;
    this.id = id;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled.reason);
    }
    return this.#controller.signal;
  }

  get cancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  /** Aborts the signal. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.#controller?.abort(reason);
  }
}
