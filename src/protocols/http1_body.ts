import type { ByteWriter } from "../bytes/byte_writer.ts";
import { concat } from "../bytes/concat.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { MalformedFrameError } from "../errors.ts";
import { untilClose } from "../framers/until_close.ts";
import { type Part, part } from "../sequences/part.ts";
import { headersPart, headLine, type HttpHeaders, valuesOf, writeHeaders } from "./http1_head.ts";
import { block, lengthIn, utf8, writeBlock, writeLine } from "./text_parts.ts";

/** A body and the fields after it. */
export interface HttpBody {
  readonly body: Uint8Array;
  readonly trailers: HttpHeaders;
}

/** How a body ends: its length, `"chunked"`, with the connection, or not stated. */
type Ending = number | "chunked" | "close" | undefined;

const CHUNK = /^([\da-f]{1,12})(?:[ \t]*;[^\r]*)?$/i;
const EMPTY: HttpBody = { body: NOTHING, trailers: [] };

/**
 * Reads the body of a message (RFC 9112, 6.3).
 *
 * @param otherwise Where a body ends whose length is not stated: no body, or the end of the connection.
 */
export function* readBody(
  headers: HttpHeaders,
  version: string,
  otherwise: "none" | "close",
): Generator<Part, HttpBody, unknown> {
  const ending = endingOf(headers, version) ?? (otherwise === "close" ? "close" : 0);
  if (ending === 0) return EMPTY;
  if (typeof ending === "number") return { body: yield* part(ending), trailers: [] };
  if (ending === "chunked") return yield* readChunks();
  if (otherwise === "none") {
    throw new MalformedFrameError("Transfer-Encoding of a request does not end with chunked");
  }
  return { body: yield* part(untilClose()), trailers: [] };
}

function* readChunks(): Generator<Part, HttpBody, unknown> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const digits = CHUNK.exec(yield* headLine)?.[1];
    if (digits === undefined) throw new MalformedFrameError("chunk has no length");
    const size = parseInt(digits, 16);
    if (size === 0) break;
    chunks.push(yield* block(size));
  }
  const trailers = yield* headersPart();
  return { body: chunks.length === 1 ? chunks[0]! : concat(chunks), trailers };
}

/**
 * Returns how the fields say that the body ends. Fields that two programs could understand differently
 * are refused, so that no message is smuggled in the body of another one.
 *
 * @throws {MalformedFrameError} The fields are ambiguous.
 */
function endingOf(headers: HttpHeaders, version: string): Ending {
  const lengths = valuesOf(headers, "content-length");
  const codings = valuesOf(headers, "transfer-encoding");
  if (lengths.length > 1) throw new MalformedFrameError("Content-Length is given more than once");
  if (codings.length === 0) return lengths.length === 0 ? undefined : lengthIn(lengths[0]);
  if (lengths.length > 0) {
    throw new MalformedFrameError("Content-Length and Transfer-Encoding are both given");
  }
  if (version === "1.0") throw new MalformedFrameError("HTTP/1.0 has no Transfer-Encoding");
  const all = codings.join(",").toLowerCase();
  if (!all.includes("chunked")) return "close";
  if (/^(?:[\w.-]+[ \t]*,[ \t]*)*chunked$/.test(all) && all.indexOf("chunked") === all.length - 7) {
    return "chunked";
  }
  throw new MalformedFrameError("Transfer-Encoding is invalid");
}

/**
 * Writes the fields and the body of a message.
 *
 * @param rule Whether there is a body: `"optional"` if an empty one needs no Content-Length, `"required"`,
 * `"hidden"` if it is only announced, or `"none"`.
 * @throws {TypeError} The fields do not agree with the body.
 */
export function writeBody(
  message: Partial<HttpBody> & { readonly headers: HttpHeaders; readonly version: string },
  rule: "optional" | "required" | "hidden" | "none",
  output: ByteWriter,
): void {
  const { headers, version, body = NOTHING, trailers = [] } = message;
  const ending = written(headers, version);
  const chunked = ending === "chunked";
  if (rule === "none" && (body.length > 0 || chunked)) fail("it cannot have a body");
  if (ending === "close") fail("its Transfer-Encoding does not end with chunked");
  const free = rule === "none" || rule === "hidden" && body.length === 0;
  if (typeof ending === "number" && ending !== body.length && !free) {
    fail(`Content-Length is ${ending}, and the body has ${body.length}`);
  }
  if (trailers.length > 0 && !chunked) fail("trailers require chunked");
  const stated = ending !== undefined || rule === "none" ||
    body.length === 0 && rule !== "required";
  writeHeaders(stated ? headers : [...headers, ["Content-Length", `${body.length}`]], output);
  if (rule === "hidden" || rule === "none") return;
  if (!chunked) return output.write(body);
  if (body.length > 0) {
    writeLine(body.length.toString(16), output);
    writeBlock(body, output);
  }
  writeBlock(utf8("0"), output);
  writeHeaders(trailers, output);
}

function written(headers: HttpHeaders, version: string): Ending {
  try {
    return endingOf(headers, version);
  } catch (cause) {
    throw new TypeError(`Cannot write message: ${(cause as Error).message}`, { cause });
  }
}

function fail(reason: string): never {
  throw new TypeError(`Cannot write message: ${reason}`);
}
