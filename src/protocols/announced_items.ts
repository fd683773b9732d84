import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { Part } from "../sequences/part.ts";
import { block, lengthIn, line, writeItem } from "./text_parts.ts";

/** A line, and the data after it. */
export interface AnnouncedItem {
  readonly line: string;
  readonly data?: Uint8Array;
}

/** Maximum length of a line in bytes. */
const MAX_LINE = 65_536;
const head = /* @__PURE__ */ line(MAX_LINE);

/** Which lines announce data: their names, and the position of the length among their words. */
export type Announcements = { readonly [name: string]: number };

/**
 * Reads a line, and the data that it announces.
 *
 * @throws {MalformedFrameError} Its length is invalid.
 */
export function* readItem(announcements: Announcements): Generator<Part, AnnouncedItem, unknown> {
  const text = yield* head;
  const length = lengthAfter(text, announcements);
  return length === undefined ? { line: text } : { line: text, data: yield* block(length) };
}

/**
 * Writes a line and its data.
 *
 * @throws {TypeError} The line does not announce the data.
 */
export function writeAnnounced(
  { line, data }: AnnouncedItem,
  announcements: Announcements,
  output: ByteWriter,
): void {
  let length: number | undefined = NaN;
  try {
    length = lengthAfter(line, announcements);
  } catch {
    // Not the length of any data.
  }
  if (length !== data?.length) {
    throw new TypeError("Cannot write line: its length and the data after it differ");
  }
  writeItem(line, data, output);
}

function lengthAfter(text: string, announcements: Announcements): number | undefined {
  // memcached skips spaces before and between words, and beanstalkd between them.
  const words = text.split(" ").filter((word) => word !== "");
  const [name = ""] = words;
  const index = Object.hasOwn(announcements, name) ? announcements[name] : undefined;
  return index === undefined ? undefined : lengthIn(words[index]);
}
