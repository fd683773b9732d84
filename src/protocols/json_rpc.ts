import { afterBom } from "../framers/after_bom.ts";
import { contentLength } from "../framers/content_length.ts";
import { lines } from "../framers/lines.ts";
import type { Protocol } from "../protocol.ts";
import { type JsonRpcMessage, jsonRpcMessages } from "./json_rpc_message.ts";

/**
 * JSON-RPC 2.0 over lines, as servers of MCP (Model Context Protocol, "Transports", stdio), agents of ACP
 * and others send it over stdin and stdout.
 *
 * ```text
 *   ┌────────────────────────────────────────┬────┐
 *   │ {"jsonrpc":"2.0","id":1,"method":"…"}  │ LF │
 *   └────────────────────────────────────────┴────┘
 * ```
 *
 * Blank lines and a byte order mark at the beginning are skipped. A line that is not a message, such as log
 * output, `null`, or a batch (which MCP has removed), is a {@link CodecError}, and the next one can be read. With
 * `onInvalid`, such a line is reported and skipped, and so is one over the limit. `"jsonrpc"` may be missing.
 *
 * The default limit is 10 MiB, as in the SDK of MCP: images and files are sent in Base64.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { jsonRpcLines } from "@framewright/framewright/protocols";
 *
 * const invalid: string[] = [];
 * const decoder = new FrameDecoder(jsonRpcLines(), (error) => invalid.push(error.name));
 * decoder.push(new TextEncoder().encode('Listening\n{"jsonrpc":"2.0","method":"ping","id":1}\n'));
 * assert.deepEqual(decoder.readAll(), [{ jsonrpc: "2.0", method: "ping", id: 1 }]);
 * assert.deepEqual(invalid, ["CodecError"]);
 * ```
 */
export function jsonRpcLines(): Protocol<JsonRpcMessage> {
  return {
    framer: afterBom(lines({ strict: true, skipEmpty: true })),
    codec: jsonRpcMessages(),
    maxFrameLength: 10 * 2 ** 20,
  };
}

/**
 * JSON-RPC 2.0 after a header with its length, as in the Language Server Protocol (LSP 3.17, "Base
 * Protocol") and the Build Server Protocol.
 *
 * ```text
 *   ┌──────────────────────┬──────┬───────────────────────────────────────┐
 *   │ Content-Length: 37 … │ CRLF │ {"jsonrpc":"2.0","id":1,"method":"…"} │
 *   └──────────────────────┴──────┴───────────────────────────────────────┘
 * ```
 *
 * Messages are those of {@link jsonRpcLines}. Log output is fatal here, since it is not part of a header: where
 * the next message begins is unknown.
 *
 * The default limit is 64 MiB: editors send whole documents, of up to 50 MiB.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { jsonRpc } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(jsonRpc());
 * decoder.push(new TextEncoder().encode('Content-Length: 17\r\n\r\n{"method":"exit"}'));
 * assert.deepEqual(decoder.read(), { method: "exit" });
 * ```
 */
export function jsonRpc(): Protocol<JsonRpcMessage> {
  return { framer: contentLength(), codec: jsonRpcMessages(), maxFrameLength: 64 * 2 ** 20 };
}
