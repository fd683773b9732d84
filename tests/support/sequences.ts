/**
 * Sequences, and what a decoder makes of their streams.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  CodecError,
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  FrameTooLargeError,
  FramingError,
  type InvalidFrameHandler,
  MalformedFrameError,
  type Part,
  part,
  type ProtocolParts,
  sequence,
  type SequenceProtocol,
  text,
  TruncatedFrameError,
} from "../../mod.ts";
import { bytes, chunksOf, latin1 } from "./bytes.ts";

export const crlf: Framer = delimited("\r\n");
/** A line of text, as a part. */
export const line: Part<string> = part({ framer: crlf, codec: text() });

/** A line that ends with `{n}` is followed by n bytes and another line. */
export const imap: SequenceProtocol<string[]> = sequence({
  *read() {
    const parts: string[] = [];
    for (;;) {
      const text = yield* line;
      parts.push(text);
      const size = /\{(\d+)\}$/.exec(text)?.[1];
      if (size === undefined) return parts;
      parts.push(latin1(yield* part(fixed(Number(size)))));
    }
  },
  write(parts: string[], output) {
    parts.forEach((text, index) => {
      output.write(bytes(text));
      if (index % 2 === 0) output.write(bytes("\r\n"));
    });
  },
});

export type Value = string | number | null | Value[];

/** RESP: nested arrays. A line that begins with `!` has no meaning; one that begins with `?` is malformed. */
export const resp: SequenceProtocol<Value> = sequence<Value>({
  *read() {
    const head = yield* line;
    const rest = head.slice(1);
    if (head[0] === "+") return rest;
    if (head[0] === ":") return Number(rest);
    if (head[0] === "$") {
      if (rest === "-1") return null;
      const body = latin1(yield* part(fixed(Number(rest))));
      yield* part(fixed(2));
      return body;
    }
    if (head[0] === "*") {
      const values: Value[] = [];
      while (values.length < Number(rest)) values.push(yield* part(resp));
      return values;
    }
    if (head[0] === "!") throw new CodecError("no meaning", { frame: bytes(head) });
    throw new MalformedFrameError("unknown type");
  },
});

/** The messages of a stream in these chunks, then its error as text, if any. */
export function outcome<Message>(
  protocol: ProtocolParts<Message, never>,
  chunks: readonly Uint8Array[],
  onInvalid?: InvalidFrameHandler,
): unknown[] {
  const decoder = new FrameDecoder<Message>(protocol, onInvalid);
  const messages: unknown[] = [];
  const drain = () => {
    for (const message of decoder) messages.push(message);
    assert.equal(decoder.read(), undefined);
  };
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      drain();
    }
    decoder.end();
    drain();
  } catch (error) {
    messages.push(described(error));
  }
  return messages;
}

/** Describes an error with its fields. */
export function described(error: unknown): string {
  const parts = [`${error}`];
  if (error instanceof FramingError) parts.push(`offset ${error.offset}`);
  if (error instanceof FrameTooLargeError) parts.push(`length ${error.length}`);
  if (error instanceof TruncatedFrameError) {
    parts.push(`partial ${JSON.stringify(latin1(error.partial))} of ${error.expectedLength}`);
  }
  return parts.join(", ");
}

/**
 * Returns the outcome of a stream, after requiring that it is the same whole, byte by byte, cut in two
 * everywhere, and in chunks of every size.
 */
export function outcomeOfAnyCut<Message>(
  protocol: ProtocolParts<Message, never>,
  stream: string,
  onInvalid?: InvalidFrameHandler,
): unknown[] {
  const all = bytes(stream);
  const expected = outcome(protocol, [all], onInvalid);
  for (let size = 1; size < all.length; size++) {
    const cuts = [chunksOf(all, size), [all.slice(0, size), all.slice(size)]];
    for (const chunks of cuts) {
      assert.deepEqual(outcome(protocol, chunks, onInvalid), expected, `size ${size}`);
    }
  }
  return expected;
}
