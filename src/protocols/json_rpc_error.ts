import type { JsonRpcErrorObject } from "./json_rpc_message.ts";

/** The error of a request, as the peer reports it, or as a handler of a `JsonRpcPeer` reports it to the peer. */
export class JsonRpcError extends Error {
  /** `"JsonRpcError"`. */
  override name = "JsonRpcError";
  /** Kind of the error, such as -32602: the parameters are invalid. */
  readonly code: number;
  /** Anything else about the error. */
  readonly data: unknown;

  /** Creates the error. */
  constructor({ code, message, data }: JsonRpcErrorObject) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
