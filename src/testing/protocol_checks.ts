import { FrameTooLargeError, TruncatedFrameError } from "../errors.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import { byteByByte, cutsOf, deliveriesOf, type Delivery } from "./delivery.ts";
import { decode, decoderFaces, type Reading, readStream, streamFaces } from "./protocol_faces.ts";
import { compare, described, fail, framesOf, type Subject } from "./protocol_subject.ts";
import { sameValue, shown } from "./same_value.ts";
import { equalBytes } from "./verification_failure.ts";

/** Number of pieces in which streams are read asynchronously. */
const MAX_PIECES = 20;

/** Number of deliveries that are cut at random. */
const RANDOM_DELIVERIES = 8;

/** Maximum length of a stream whose every beginning is decoded byte by byte. */
const SHORT = 64;

/** Verifies the synchronous reading methods: `read`, with the lowest limit, of every delivery, the others in turn. */
export function verifyDeliveries(subject: Subject): void {
  const { create, stream, reporting, reports } = subject;
  const frames = framesOf(create(), stream);
  // Without onInvalid, invalid bytes between messages are discarded silently, and a frame over the limit is fatal.
  const thrown = reports.filter((report) => report.startsWith("CodecError"));
  const fatal = reports.some((report) => report.startsWith("FrameTooLargeError"));
  const others = decoderFaces.filter((face) => {
    if (face === "visit()") return !("sequence" in create().framer);
    return face !== "read() without onInvalid" || (reporting && reports.length > 0 && !fatal);
  });
  // What is reported or refused may be longer.
  const alone = reports.length === 0 && subject.error === undefined;
  const limit = alone && frames.length > 0 && frames.length === subject.messages.length
    ? Math.max(...frames.map(({ length }) => length))
    : undefined;
  const limited = limit === undefined ? "" : ` with a limit of ${limit}`;
  const deliveries = [...deliveriesOf(stream, RANDOM_DELIVERIES)].filter(({ visit }) => !visit);
  for (const [index, delivery] of deliveries.entries()) {
    const { how } = delivery;
    compare(subject, decode(subject, delivery, "read()", limit), `${how}, by read()${limited}`);
    for (const face of index < 3 ? others : [others[index % others.length]!]) {
      if (face === "visit()") verifyVisit(subject, delivery, frames);
      else {
        const expected = face === "read() without onInvalid"
          ? { ...subject, reports: thrown }
          : subject;
        compare(expected, decode(subject, delivery, face), `${how}, by ${face}`);
      }
    }
  }
}

function verifyVisit(subject: Subject, delivery: Delivery, frames: readonly Uint8Array[]): void {
  const decoder = new FrameDecoder({ ...subject.create(), maxFrameLength: Infinity });
  const visited: Uint8Array[] = [];
  const visit = () => decoder.visit((bytes, start, end) => visited.push(bytes.slice(start, end)));
  try {
    for (const chunk of delivery.chunks) {
      decoder.push(chunk);
      visit();
    }
    decoder.end();
    visit();
  } catch (error) {
    if (subject.error === undefined) fail(subject.name, `${delivery.how}: failed: ${error}`, error);
  }
  if (!sameValue(visited, frames)) {
    fail(subject.name, `${delivery.how}: visited frames differ from frames that are read`);
  }
}

/** Verifies that a truncated stream gives the messages before its end and is not reported as complete. */
export function verifyEnds(subject: Subject): void {
  for (const end of cutsOf(subject.stream)) {
    const start = subject.stream.subarray(0, end);
    const where = `${subject.name}, ended after ${end} bytes`;
    const chunks = end <= SHORT
      ? byteByByte(start)
      : [start.subarray(0, end / 2), start.subarray(end / 2)];
    const pieces = decode(subject, { how: "", chunks }, "read()");
    verifyEnd(subject, end, pieces, where);
    // Otherwise it is known what the end gives.
    if (!subject.endsAnywhere && end % 4 > 0) continue;
    const reading = decode(subject, { how: "", chunks: [start] }, "read()");
    verifyEnd(subject, end, reading, where);
    if (!sameValue(pieces.messages, reading.messages) || outcomeOf(pieces) !== outcomeOf(reading)) {
      fail(
        where,
        `gave ${shown(pieces.messages)}, ${outcomeOf(pieces)} in pieces, but ` +
          `${shown(reading.messages)}, ${outcomeOf(reading)} at once`,
      );
    }
  }
}

function outcomeOf({ reports, error }: Reading): string {
  return [...reports, error].map(described).join(", ");
}

function verifyEnd(subject: Subject, end: number, reading: Reading, where: string): void {
  const { messages: expected, endsAnywhere } = subject;
  const { messages, beforeEnd, unfinished, error } = reading;
  const known = endsAnywhere ? beforeEnd : messages.length;
  if (!sameValue(messages.slice(0, known), expected.slice(0, known))) {
    fail(where, `gave ${shown(messages.slice(0, known))}`, error);
  }
  if (messages.length > beforeEnd + 1) fail(where, "the end ended more than one message", error);
  const complete = subject.ends.filter((offset) => offset <= end).length;
  if (messages.length < complete) fail(where, `message ${messages.length} is missing`, error);
  if (!endsAnywhere && beforeEnd < complete) {
    fail(where, `message ${beforeEnd} is complete, but was read only at the end of the stream`);
  }
  if (error instanceof TruncatedFrameError) {
    // Bytes of a message that is being skipped are not kept.
    const last = reading.reports.at(-1);
    const skipped = last instanceof FrameTooLargeError && last.offset === error.offset;
    const partial = subject.stream.subarray(skipped ? end : end - unfinished, end);
    if (error.offset !== end - unfinished || !equalBytes(error.partial, partial)) {
      fail(where, `partial of ${error} is not the unfinished message`, error);
    }
  } else if (error !== undefined) {
    if (described(error) !== subject.error) {
      fail(where, `failed: ${error}, not TruncatedFrameError`, error);
    }
  } else if (reading.offset !== end) fail(where, "bytes were lost");
  else if (!endsAnywhere && unfinished > 0 && messages.length === beforeEnd) {
    fail(where, "the unfinished message was discarded, without TruncatedFrameError");
  }
}

/** Verifies that the limit of every message is exact to the byte, and that of the longest wherever it is cut. */
export function verifyLimits(subject: Subject): void {
  const { name, create, stream, messages } = subject;
  const lengths = framesOf(create(), stream).slice(0, messages.length).map(({ length }) => length);
  for (const [index, length] of lengths.entries()) verifyLimit(subject, index, length);
  const limit = Math.max(...lengths) - 1;
  if (!(limit >= 0)) return;
  const before = messages.slice(0, lengths.indexOf(limit + 1));
  let refused: string | undefined;
  for (const delivery of deliveriesOf(stream, RANDOM_DELIVERIES)) {
    if (delivery.visit) continue;
    const where = `${delivery.how}, with a limit of ${limit}`;
    const reading = decode({ ...subject, reporting: false }, delivery, "read()", limit);
    const text = described(reading.error);
    if (!(reading.error instanceof FrameTooLargeError) || text !== (refused ??= text)) {
      fail(name, `${where}: gave ${text}, not ${refused ?? "FrameTooLargeError"}`, reading.error);
    }
    if (!sameValue(reading.messages, before)) {
      fail(name, `${where}: gave ${shown(reading.messages)} before the error`);
    }
  }
}

/** Verifies the limit of one message, if it can be read alone: the messages before it are read without a limit. */
function verifyLimit(subject: Subject, index: number, length: number): void {
  const { create, stream, messages, ends } = subject;
  const start = ends[index - 1] ?? 0;
  const rest = stream.subarray(start);
  for (const limit of length === 0 ? [0] : [length - 1, length]) {
    for (const chunks of [[rest], byteByByte(rest)]) {
      const protocol = create();
      const decoder = new FrameDecoder<unknown>({ ...protocol, maxFrameLength: Infinity });
      decoder.push(stream.subarray(0, start));
      if (decoder.readAll().length !== index) continue;
      decoder.switchTo({ ...protocol, maxFrameLength: limit });
      const result = firstOf(decoder, chunks);
      const where = `${subject.name}, message ${index} with a limit of ${limit}`;
      if (
        limit < length ? result instanceof FrameTooLargeError : sameValue(result, messages[index])
      ) {
        continue;
      }
      fail(where, `gave ${result instanceof Error ? result : shown(result)}`, result);
    }
  }
}

/** Returns the first message in chunks, or the error in place of it. */
function firstOf(decoder: FrameDecoder<unknown>, chunks: readonly Uint8Array[]): unknown {
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      const message = decoder.read();
      if (message !== undefined) return message;
    }
    decoder.end();
    return decoder.read();
  } catch (error) {
    return error;
  }
}

/** Verifies the asynchronous reading methods, whole and in pieces: each of them by other pieces. */
export async function verifyStreams(subject: Subject): Promise<void> {
  const { stream } = subject;
  const size = Math.ceil(stream.length / MAX_PIECES);
  for (const [index, face] of streamFaces.entries()) {
    const pieces = [stream.subarray(0, index + 1)];
    for (let at = index + 1; at < stream.length; at += size) {
      pieces.push(stream.subarray(at, at + size));
    }
    for (const chunks of [[stream], pieces]) {
      const how = `in pieces of ${chunks.map(({ length }) => length).join(", ")} bytes`;
      compare(subject, await readStream(subject, chunks, face), `${how}, by ${face.name}`);
    }
  }
}
