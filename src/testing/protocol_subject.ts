import { FramingError } from "../errors.ts";
import { type AnyProtocol, decode, type Reading } from "./protocol_faces.ts";
import { sameValue, shown } from "./same_value.ts";

/** A case that is being verified. */
export interface Subject {
  readonly name: string;
  /** Returns the protocol for another stream. */
  readonly create: () => AnyProtocol;
  /** Whether all streams share one protocol. */
  readonly shared: boolean;
  readonly stream: Uint8Array;
  readonly messages: readonly unknown[];
  /** Offsets of the ends of the messages. */
  readonly ends: readonly number[];
  /** The expected error after the messages, as text. */
  readonly error: string | undefined;
}

/** Returns the frames of the stream; those of a sequence are whole messages. */
export function framesOf({ framer }: AnyProtocol, stream: Uint8Array): Uint8Array[] {
  const delivery = { how: "", chunks: [stream] };
  return decode({ framer, maxFrameLength: Infinity }, delivery, "read()").messages as Uint8Array[];
}

/** Verifies that the messages and the error are the expected ones. */
export function compare(
  subject: Subject,
  reading: Pick<Reading, "messages" | "error">,
  how: string,
): void {
  const { name, messages: expected, error: text } = subject;
  const { messages, error } = reading;
  const where = `${name}, ${how}`;
  for (let index = 0; index < Math.max(messages.length, expected.length); index++) {
    if (sameValue(messages[index], expected[index])) continue;
    const after = error === undefined ? "" : `, then ${error}`;
    fail(
      where,
      `message ${index} is ${shown(messages[index])}, not ${shown(expected[index])}${after}`,
      error,
    );
  }
  if (described(error) !== text) fail(where, `failed: ${error}, not ${text}`, error);
}

export function described(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof FramingError ? `${error} (offset ${error.offset})` : `${error}`;
}

export function fail(where: string, what: string, cause?: unknown): never {
  throw new Error(`Protocol fails verification: ${where}: ${what}`, { cause });
}
