import assert from "node:assert/strict";
import {
  CodecError,
  FrameDecoder,
  FrameEncoder,
  type ProtocolParts,
  TruncatedFrameError,
} from "../../mod.ts";
import { chunksOf } from "./bytes.ts";

/** A stream and the messages in it. */
export interface ProtocolCase<Message> {
  readonly messages: readonly Message[];
  /** The stream: bytes, or text in UTF-8. */
  readonly bytes: string | Uint8Array;
  /** The names of the errors that are reported to `onInvalid`, in order. */
  readonly reports?: readonly string[];
  /** Whether the messages can be sent; default `true`. */
  readonly written?: boolean;
}

/** What a decoder reads from chunks. */
export interface Outcome<Message> {
  readonly messages: Message[];
  readonly reports: string[];
  readonly error: unknown;
}

/** Reads chunks, and after each of them all messages; then the end of the stream. */
export function outcomeOf<Message>(
  protocol: ProtocolParts<Message, never>,
  chunks: Iterable<Uint8Array>,
): Outcome<Message> {
  const reports: string[] = [];
  const messages: Message[] = [];
  const decoder = new FrameDecoder(protocol, (error) => reports.push(error.name));
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (const message of decoder) messages.push(message);
    }
    decoder.end();
    for (const message of decoder) messages.push(message);
  } catch (error) {
    return { messages, reports, error };
  }
  return { messages, reports, error: undefined };
}

/** Returns the bytes of a stream. */
export function toBytes(stream: string | Uint8Array): Uint8Array {
  return typeof stream === "string" ? new TextEncoder().encode(stream) : stream;
}

/** Returns the stream of sent messages. */
export function sent<Message>(
  protocol: ProtocolParts<unknown, Message>,
  messages: readonly Message[],
): string {
  const encoder = new FrameEncoder(protocol);
  for (const message of messages) encoder.write(message);
  return new TextDecoder().decode(Uint8Array.from(encoder.drain().flatMap((chunk) => [...chunk])));
}

/**
 * Requires that each stream gives its messages whole, byte by byte, and cut in two anywhere; that messages are read
 * as they are written; and that a stream that ends anywhere gives no other message than those before, except that
 * the end may cut the last one.
 */
export function verifyCases<Message>(
  protocol: ProtocolParts<Message>,
  cases: readonly ProtocolCase<Message>[],
): void {
  for (const { messages, bytes, reports = [], written = true } of cases) {
    const stream = toBytes(bytes);
    const expected = { messages: [...messages], reports: [...reports], error: undefined };
    const check = (chunks: Uint8Array[], how: string) =>
      assert.deepEqual(outcomeOf(protocol, chunks), expected, `${how} of ${bytes}`);
    check([stream], "whole");
    check(chunksOf(stream, 1), "byte by byte");
    for (let cut = 1; cut < stream.length; cut++) {
      check([stream.slice(0, cut), stream.slice(cut)], `cut at ${cut}`);
      const { messages: before, error } = outcomeOf(protocol, [stream.slice(0, cut)]);
      assert.ok(error === undefined || error instanceof TruncatedFrameError, `${error}`);
      const known = before.slice(0, -1);
      assert.deepEqual(known, messages.slice(0, known.length), `ended at ${cut}`);
      assert.ok(before.length <= messages.length);
    }
    if (!written) continue;
    const again = outcomeOf(protocol, [toBytes(sent(protocol, messages))]);
    assert.deepEqual(again, { messages: [...messages], reports: [], error: undefined });
  }
}

/** Requires that a frame over the limit is skipped and reported, however the stream is cut. */
export function verifySkipped<Message>(
  protocol: ProtocolParts<Message>,
  bytes: string,
  messages: readonly Message[],
): void {
  const stream = toBytes(bytes);
  for (const size of [stream.length, 1, 7, 1000]) {
    assert.deepEqual(outcomeOf(protocol, chunksOf(stream, size)), {
      messages: [...messages],
      reports: ["FrameTooLargeError"],
      error: undefined,
    });
  }
}

/** Requires that a decoder without `onInvalid` throws a `CodecError`, and then reads the next message. */
export function verifyCodecError<Message>(
  protocol: ProtocolParts<Message>,
  bytes: string | Uint8Array,
  message: string,
  next: Message,
): void {
  const decoder = new FrameDecoder(protocol);
  decoder.push(toBytes(bytes));
  assert.throws(() => decoder.read(), (error) => {
    assert.ok(error instanceof CodecError, `${error}`);
    assert.ok(error.message.includes(message), error.message);
    return true;
  });
  assert.deepEqual(decoder.read(), next);
}
