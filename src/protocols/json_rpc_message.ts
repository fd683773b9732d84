import { describe } from "../bytes/describe.ts";
import type { Codec } from "../codecs/codec.ts";
import { compose } from "../codecs/compose.ts";
import { json } from "../codecs/json.ts";

/** The id of a JSON-RPC request; `null` in a response to a request whose id could not be read. */
export type JsonRpcId = string | number | null;

/** A request, which gets a response with its id. */
export interface JsonRpcRequest {
  /** Set when it is sent. */
  readonly jsonrpc?: "2.0";
  /** The id of the response. */
  readonly id: JsonRpcId;
  /** Name of the method. */
  readonly method: string;
  /** The parameters, by name or by position. */
  readonly params?: unknown;
}

/** A request without a response. */
export interface JsonRpcNotification {
  /** Set when it is sent. */
  readonly jsonrpc?: "2.0";
  /** Never present: this distinguishes it from a request. */
  readonly id?: undefined;
  /** Name of the method. */
  readonly method: string;
  /** The parameters, by name or by position. */
  readonly params?: unknown;
}

/** The response to a request: a result or an error. */
export interface JsonRpcResponse {
  /** Set when it is sent. */
  readonly jsonrpc?: "2.0";
  /** The id of the request. */
  readonly id: JsonRpcId;
  /** Never present: this distinguishes it from a request. */
  readonly method?: undefined;
  /** The result of the method. */
  readonly result?: unknown;
  /** The error of the method. */
  readonly error?: JsonRpcErrorObject;
}

/** The error in a response. */
export interface JsonRpcErrorObject {
  /** Kind of the error, such as -32601: the method is unknown. */
  readonly code: number;
  /** A short description. */
  readonly message: string;
  /** Anything else about the error. */
  readonly data?: unknown;
}

/**
 * A message of JSON-RPC 2.0. One with a `method` is a request if it has an `id`, otherwise a notification; one
 * without a `method` is a response.
 */
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse;

/** The codec of JSON-RPC messages, which checks the members that tell their kind. */
export function jsonRpcMessages(): Codec<Uint8Array, JsonRpcMessage> {
  return compose(json<unknown>(), {
    decode: checked,
    encode(message: JsonRpcMessage) {
      const { jsonrpc } = checked(message);
      return jsonrpc === undefined ? { jsonrpc: "2.0", ...message } : message;
    },
  });
}

/** Returns a value that is a message. */
function checked(value: unknown): JsonRpcMessage {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`Invalid JSON-RPC message: expected an object, not ${describe(value)}`);
  }
  const { jsonrpc = "2.0", id, method, error } = value as Record<string, unknown>;
  const kind = typeof id;
  const identified = kind === "number" || kind === "string" || id === null;
  const valid = jsonrpc === "2.0" &&
    (method === undefined
      ? identified && (error === undefined ? "result" in value : isError(error))
      : typeof method === "string" && (identified || id === undefined));
  if (valid) return value as JsonRpcMessage;
  throw new TypeError("Invalid JSON-RPC message: expected a request, notification or response");
}

function isError(error: unknown): boolean {
  const { code, message } = (error ?? {}) as Record<string, unknown>;
  return typeof code === "number" && typeof message === "string";
}
