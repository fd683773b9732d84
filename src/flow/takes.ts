import type { OpenFrame } from "../frame_parts.ts";
import type { FrameVisitor } from "../frame_visitor.ts";
import { emptyFramesError } from "../framing_failure.ts";

/** The part of a decoder that messages are taken from. */
export interface Decoding<Message> {
  readonly offset: number;
  read(): Message | undefined;
  readAll(): Message[];
  visit(visitor: FrameVisitor): void;
  open(maxBodyLength: number): OpenFrame | undefined;
}

/** Takes something from the buffered bytes; returns `undefined` if it is not there yet. */
export type Take<Message, Result> = (decoder: Decoding<Message>) => Result | undefined;

/** Takes one message. */
export function takeOne<Message>(decoder: Decoding<Message>): Message | undefined {
  return decoder.read();
}

/**
 * Takes one message as an iterator result.
 *
 * @throws {RangeError} The frame is empty and consumed no input: a loop over such frames never ends.
 */
export function takeNext<Message>(
  decoder: Decoding<Message>,
): IteratorYieldResult<Message> | undefined {
  const { offset } = decoder;
  const value = decoder.read();
  if (value === undefined) return undefined;
  if (decoder.offset === offset) throw emptyFramesError();
  return { done: false, value };
}

/** Takes all complete messages, at least one. */
export function takeAll<Message>(decoder: Decoding<Message>): Message[] | undefined {
  const messages = decoder.readAll();
  return messages.length === 0 ? undefined : messages;
}

/** The last result of an iterator. */
export const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
