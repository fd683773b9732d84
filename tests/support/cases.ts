import assert from "node:assert/strict";
import {
  CodecError,
  FrameEncoder,
  FrameTooLargeError,
  MalformedFrameError,
  type ProtocolParts,
} from "../../mod.ts";
import { concat } from "../../src/bytes/concat.ts";
import type { ProtocolCase } from "../../testing.ts";
import { bytes } from "./bytes.ts";

/** A message, and the bytes that a specification gives it. */
export interface Golden<Message> {
  readonly message: Message;
  readonly bytes: Uint8Array;
}

/** The case of a stream of messages, which are read from their bytes and written as them. */
export function golden<Message>(table: readonly Golden<Message>[]): ProtocolCase<Message, never> {
  return {
    messages: table.map(({ message }) => message),
    bytes: concat(table.map(({ bytes }) => bytes)),
  };
}

/** The case of a stream of messages that are written with other bytes. */
export function read<Message>(...table: readonly Golden<Message>[]): ProtocolCase<Message, never> {
  return { ...golden(table), written: false };
}

/** The case of a message, and of bytes after it that are refused. */
export function fatal<Message>(
  first: Golden<Message>,
  bytes: Uint8Array,
  message: RegExp,
): ProtocolCase<Message, never> {
  const error = { type: MalformedFrameError, offset: first.bytes.length, message };
  return { messages: [first.message], bytes: concat([first.bytes, bytes]), error };
}

/** The cases of frames that cost only themselves: each is reported, and the messages around it are read. */
export function invalid<Message>(
  around: Golden<Message>,
  message: RegExp,
  ...frames: readonly Uint8Array[]
): ProtocolCase<Message, never>[] {
  const offset = around.bytes.length;
  return frames.map((frame) => ({
    messages: [around.message, around.message],
    bytes: concat([around.bytes, frame, around.bytes]),
    invalid: [{ type: CodecError, offset, message }],
  }));
}

/** The case of an announced length that is refused before anything of that size has arrived. */
export function hostile(bytes: Uint8Array): ProtocolCase<never> {
  return { messages: [], bytes, error: { type: FrameTooLargeError, offset: 0 } };
}

/** The cases of streams that are malformed from their first message on, with a character for each byte. */
export function refusals(...streams: readonly (readonly string[])[]): ProtocolCase<never>[] {
  const error = { type: MalformedFrameError, offset: 0 };
  return streams.flat().map((stream) => ({ messages: [], bytes: bytes(stream), error }));
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
