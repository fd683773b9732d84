import assert from "node:assert/strict";
import {
  CodecError,
  FrameDecoder,
  FrameEncoder,
  FrameTooLargeError,
  FramingError,
  type ProtocolParts,
  TruncatedFrameError,
} from "../../mod.ts";
import { concat } from "../../src/bytes/concat.ts";
import { failure } from "./framing.ts";

/** A message, and the bytes that a specification gives it. */
export interface Golden<Message> {
  readonly message: Message;
  readonly bytes: Uint8Array;
}

type Reading<In> = ProtocolParts<In, never>;

/** Requires that messages are read from their bytes, however they are cut, limited and truncated. */
export function verifyReads<In>(protocol: Reading<In>, cases: readonly Golden<In>[]): void {
  const stream = concat(cases.map(({ bytes }) => bytes));
  const messages = cases.map(({ message }) => message);
  for (const { message, bytes } of cases) {
    assert.deepEqual(readAll(protocol, [bytes], true), [message]);
    // The limit applies to the frame, which may lack a header or a trailer.
    let limit = bytes.length;
    let error: unknown;
    for (; limit >= 0 && error === undefined; limit--) {
      try {
        const limited = { ...protocol, maxFrameLength: limit };
        assert.deepEqual(readAll(limited, [bytes], true), [message]);
      } catch (thrown) {
        error = thrown;
      }
    }
    assert.ok(
      error === undefined || error instanceof FrameTooLargeError,
      `limit ${limit}: ${error}`,
    );
    assert.ok(limit < bytes.length - 1, "its own length is refused");
  }
  assert.deepEqual(readAll(protocol, [stream], true), messages);
  assert.deepEqual(readAll(protocol, Array.from(stream, (byte) => Uint8Array.of(byte))), messages);
  let start = 0;
  let complete = 0;
  for (let cut = 1; cut < stream.length; cut++) {
    const [before, after] = [stream.slice(0, cut), stream.slice(cut)];
    assert.deepEqual(readAll(protocol, [before, after], true), messages, `cut at ${cut}`);
    if (cut === start + cases[complete]!.bytes.length) start += cases[complete++]!.bytes.length;
    const decoder = new FrameDecoder(protocol);
    decoder.push(before);
    decoder.end();
    for (let index = 0; index < complete; index++) {
      assert.deepEqual(decoder.read(), messages[index], `truncated at ${cut}`);
    }
    if (cut === start) {
      assert.equal(decoder.read(), undefined);
      continue;
    }
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError, `truncated at ${cut}: ${error}`);
    assert.equal(error.offset, start);
  }
}

/** Requires that messages are written as their bytes. */
export function verifyWrites<Out>(
  protocol: ProtocolParts<unknown, Out>,
  cases: readonly Golden<Out>[],
): void {
  for (const { message, bytes } of cases) {
    const encoder = new FrameEncoder(protocol as ProtocolParts<unknown, unknown>);
    encoder.write(message);
    assert.deepEqual(concat(encoder.drain()), bytes);
  }
}

/** Requires that messages are read from their bytes and written as them. */
export function verifyGolden<In extends Out, Out>(
  protocol: ProtocolParts<In, Out>,
  cases: readonly Golden<In>[],
): void {
  verifyReads(protocol as unknown as Reading<In>, cases);
  verifyWrites(protocol, cases);
}

/**
 * Requires that bytes after a message are refused with the same error, however they are cut, and that the message
 * is read before.
 *
 * @param reason Part of the error's text.
 */
export function verifyFatal<In>(
  protocol: Reading<In>,
  first: Golden<In>,
  bytes: Uint8Array,
  reason: RegExp,
): void {
  const offset = first.bytes.length;
  const stream = concat([first.bytes, bytes]);
  for (let cut = 1; cut <= stream.length; cut++) {
    const decoder = new FrameDecoder(protocol);
    const read: In[] = [];
    const error = failure(() => {
      for (const chunk of [stream.slice(0, cut), stream.slice(cut)]) {
        decoder.push(chunk);
        for (const message of decoder) read.push(message);
      }
    });
    assert.deepEqual(read, [first.message], `cut at ${cut}`);
    assert.ok(error instanceof FramingError, `cut at ${cut}: ${error}`);
    assert.match(error.message, reason);
    assert.equal(error.offset, offset);
  }
}

/** Requires that a frame costs only itself: it is reported, and the message after it is read. */
export function verifyInvalid<In>(
  protocol: Reading<In>,
  bytes: Uint8Array,
  next: Golden<In>,
  reason: RegExp,
): void {
  const decoder = new FrameDecoder(protocol);
  decoder.push(concat([bytes, next.bytes]));
  const error = failure(() => decoder.read());
  assert.ok(error instanceof CodecError, `${error}`);
  assert.match(error.message, reason);
  assert.deepEqual([...decoder], [next.message]);
}

/** Requires that a message cannot be written, and that none of it is. */
export function verifyRefused<Out>(
  protocol: ProtocolParts<unknown, Out>,
  message: Out,
  kind: new () => Error,
): void {
  const encoder = new FrameEncoder(protocol as ProtocolParts<unknown, unknown>);
  assert.throws(() => encoder.write(message), kind);
  assert.equal(encoder.pending, 0);
}

/** Requires that an announced length is refused before anything of that size has arrived. */
export function verifyHostile<In>(protocol: Reading<In>, bytes: Uint8Array): void {
  assert.throws(() => readAll(protocol, [bytes]), FrameTooLargeError);
}

function readAll<In>(protocol: Reading<In>, chunks: readonly Uint8Array[], end?: boolean): In[] {
  const decoder = new FrameDecoder(protocol);
  const messages: In[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (const message of decoder) messages.push(message);
  }
  if (end) decoder.end();
  for (const message of decoder) messages.push(message);
  return messages;
}
