import { NOTHING } from "../bytes/nothing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { sequence } from "../sequences/sequence.ts";
import { stateful } from "../stateful.ts";
import { type HttpBody, readBody, writeBody } from "./http1_body.ts";
import { headPart, type HttpHeaders } from "./http1_head.ts";
import { latin1 } from "./latin1.ts";
import { protocolOfSide } from "./sides.ts";
import { writeBlock } from "./text_parts.ts";

/** A request of HTTP/1.1. */
export interface Http1Request {
  /** Method, in capitals: `"GET"`. */
  readonly method: string;
  /** Target: a path with a query, a URL, a host and port, or `"*"`. */
  readonly target: string;
  /** Version; default `"1.1"`. */
  readonly version?: "1.0" | "1.1";
  /** Header fields in order; default: none. Content-Length is added. */
  readonly headers?: HttpHeaders;
  /** Body, whose chunks are joined; default: empty. */
  readonly body?: Uint8Array;
  /** Fields after a chunked body; default: none. */
  readonly trailers?: HttpHeaders;
}

/** A response of HTTP/1.1. */
export interface Http1Response {
  /** Status code; one from 100 to 199 precedes the response itself, except for 101. */
  readonly status: number;
  /** Reason; default: empty. */
  readonly reason?: string;
  /** Version; default `"1.1"`. */
  readonly version?: "1.0" | "1.1";
  /** Header fields in order; default: none. Content-Length is added. */
  readonly headers?: HttpHeaders;
  /** Body, whose chunks are joined; default: empty. */
  readonly body?: Uint8Array;
  /** Fields after a chunked body; default: none. */
  readonly trailers?: HttpHeaders;
}

/** Maximum length of a message in bytes. */
const MAX_LENGTH = 16 * 2 ** 20;
const REQUEST = /^([!#$%&'*+.^_`|~\w-]+) ([!-~\x80-\xff]+) HTTP\/(1\.[01])$/;
const RESPONSE = /^HTTP\/(1\.[01]) ([1-9]\d\d)(?: ([\t -~\x80-\xff]*))?$/;

/**
 * HTTP/1.1 and HTTP/1.0 on one connection: whole requests and responses (RFC 9112).
 *
 * ```text
 *   ┌────────────┬──────┬──────────────┬──────┬──────┬──────┐
 *   │ start line │ CRLF │ header field │ CRLF │ CRLF │ body │
 *   └────────────┴──────┴──────────────┴──────┴──────┴──────┘
 *                         0 or more                    by Content-Length, in chunks, or to the end
 * ```
 *
 * A client, the default side, reads responses and writes requests. Each connection remembers the methods of its
 * requests, on both sides, since a response to HEAD has no body; a decoder and an encoder without a connection
 * share this protocol. After a response with status 101, or 2xx to CONNECT, switch to the next protocol or detach.
 *
 * A message that another program could understand differently is malformed: LF alone, CR alone, folded lines, a
 * space before the colon, Content-Length twice or with Transfer-Encoding, codings after chunked. A message with a
 * Transfer-Encoding that ends with `chunked` is written in one chunk. Text is ISO 8859-1.
 *
 * The default limit is 16 MiB a message, since its body is kept in memory, and 64 KiB for the head.
 *
 * @param options `side`: which of the two this is.
 * @throws {RangeError} `side` is neither `"client"` nor `"server"`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder } from "@framewright/framewright";
 * import { http1 } from "@framewright/framewright/protocols";
 *
 * const protocol = http1();
 * new FrameEncoder(protocol).write({ method: "GET", target: "/", headers: [["Host", "a.example"]] });
 * const decoder = new FrameDecoder(protocol);
 * decoder.push(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
 * const { status, body } = decoder.read()!;
 * assert.equal(status, 200);
 * assert.equal(new TextDecoder().decode(body), "hi");
 * ```
 */
export function http1(
  options?: { readonly side?: "client" },
): Protocol<Required<Http1Response>, Http1Request>;
/** The server's side of HTTP/1.1: reads requests and writes responses. */
export function http1(
  options: { readonly side: "server" },
): Protocol<Required<Http1Request>, Http1Response>;
export function http1(
  { side = "client" }: { readonly side?: "client" | "server" } = {},
):
  | Protocol<Required<Http1Response>, Http1Request>
  | Protocol<Required<Http1Request>, Http1Response> {
  return stateful<unknown, unknown>(() => create(side)) as ReturnType<typeof create>;
}

/** Creates the protocol of one connection. */
function create(
  side: "client" | "server",
):
  | Protocol<Required<Http1Response>, Http1Request>
  | Protocol<Required<Http1Request>, Http1Response> {
  const head = headPart();
  /** The methods of requests without a response. */
  const methods: string[] = [];

  const requests = sequence<Required<Http1Request>, Http1Request>({
    *read() {
      const { start, headers } = yield* head;
      const [, method, target, version] = REQUEST.exec(start) ?? [];
      if (method === undefined) throw new MalformedFrameError("request line is invalid");
      const rest: HttpBody = yield* readBody(headers, version!, "none");
      methods.push(method);
      return { method, target: target!, version: version as "1.1", headers, ...rest };
    },
    write(message, output) {
      const { method, target, version = "1.1", headers = [] } = message;
      const start = `${method} ${target} HTTP/${version}`;
      if (!REQUEST.test(start)) throw new TypeError("Cannot write request: its line is invalid");
      writeBlock(latin1.encode(start), output);
      const rule = /^(?:POST|PUT|PATCH)$/.test(method) ? "required" : "optional";
      writeBody({ ...message, headers, version }, rule, output);
      methods.push(method);
    },
    maxFrameLength: MAX_LENGTH,
  });

  const responses = sequence<Required<Http1Response>, Http1Response>({
    *read() {
      const { start, headers } = yield* head;
      const [, version, digits, reason = ""] = RESPONSE.exec(start) ?? [];
      if (version === undefined) throw new MalformedFrameError("status line is invalid");
      const status = Number(digits);
      const bare = withoutBody(status, isFinal(status) ? methods.shift() : methods[0]);
      const rest: HttpBody = bare
        ? { body: NOTHING, trailers: [] }
        : yield* readBody(headers, version, "close");
      return { status, reason, version: version as "1.1", headers, ...rest };
    },
    write(message, output) {
      const { status, reason = "", version = "1.1", headers = [] } = message;
      const start = `HTTP/${version} ${status} ${reason}`;
      if (!RESPONSE.test(start)) throw new TypeError("Cannot write response: its line is invalid");
      writeBlock(latin1.encode(start), output);
      const bare = withoutBody(status, methods[0]);
      const rule = bare === "HEAD" ? "hidden" : bare ? "none" : "required";
      writeBody({ ...message, headers, version }, rule, output);
      if (isFinal(status)) methods.shift();
    },
    maxFrameLength: MAX_LENGTH,
  });

  return protocolOfSide<
    Required<Http1Request>,
    Required<Http1Response>,
    Http1Request,
    Http1Response
  >(side, requests, responses);
}

/** Whether a response is the last one to its request. */
function isFinal(status: number): boolean {
  return status >= 200 || status === 101;
}

/** Returns why a response has no body, whatever its fields say; `undefined` if it has one. */
function withoutBody(status: number, method: string | undefined): string | undefined {
  if (status < 200 || status === 204 || status === 304) return "status";
  if (method === "HEAD") return method;
  return method === "CONNECT" && status < 300 ? "status" : undefined;
}
