import { CodecError, FrameTooLargeError, TruncatedFrameError } from "../errors.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import { byteByByte, cutsOf, deliveriesOf, type Delivery } from "./delivery.ts";
import { decode, decoderFaces, readStream, streamFaces } from "./protocol_faces.ts";
import { compare, described, fail, framesOf, type Subject } from "./protocol_subject.ts";
import { sameValue, shown } from "./same_value.ts";
import { equalBytes } from "./verification_failure.ts";

/** Number of cuts at which streams are read asynchronously, and at which protocols are switched. */
const ASYNC_CUTS = 12;
const SWITCHES = 128;

/** Maximum length of a stream whose every beginning is decoded byte by byte. */
const SHORT = 256;

/** Verifies the synchronous reading methods. */
export function verifyDeliveries(subject: Subject): void {
  const { create, stream } = subject;
  const { framer } = create();
  const sequence = "sequence" in framer;
  const frames = framesOf(create(), stream);
  for (const delivery of deliveriesOf(stream)) {
    if (delivery.visit) {
      if (!sequence) verifyVisit(subject, delivery, frames);
      continue;
    }
    for (const face of decoderFaces) {
      compare(subject, decode(create(), delivery, face), `${delivery.how}, by ${face}`);
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
export function verifyEnds({ name, create, stream, messages, error: expected }: Subject): void {
  for (const end of cutsOf(stream)) {
    const start = stream.subarray(0, end);
    const where = `${name}, ended after ${end} bytes`;
    const reading = decode(create(), { how: "", chunks: [start] }, "read()");
    const { messages: read, beforeEnd, error, ends } = reading;
    const last = ends.at(-1) ?? 0;
    if (!sameValue(read.slice(0, beforeEnd), messages.slice(0, beforeEnd))) {
      fail(where, `gave ${shown(read.slice(0, beforeEnd))}`);
    }
    if (read.length > beforeEnd + 1) fail(where, "the end ended more than one message");
    if (error instanceof TruncatedFrameError) {
      const partial = stream.subarray(error.offset, end);
      if (error.offset < last || !equalBytes(error.partial, partial)) {
        fail(where, `partial of ${error} is not the unfinished message`, error);
      }
    } else if (error === undefined || described(error) !== expected) {
      // The end may have cut a message short, which may then be invalid.
      const known = error === undefined || error instanceof CodecError;
      if (!known) fail(where, `failed: ${error}, not TruncatedFrameError`, error);
      if (reading.offset !== end) fail(where, "bytes were lost");
    }
    const chunks = end <= SHORT
      ? byteByByte(start)
      : [start.subarray(0, end / 2), start.subarray(end / 2)];
    const cut = decode(create(), { how: "", chunks }, "read()");
    if (!sameValue(cut.messages, read) || described(cut.error) !== described(error)) {
      fail(
        where,
        `gave ${shown(cut.messages)}, ${cut.error} in pieces, but ${shown(read)}, ${error} at once`,
      );
    }
  }
}

/** Verifies that the limit is exact to the byte, wherever the stream is cut. */
export function verifyLimits(subject: Subject): void {
  const { name, create, stream, messages } = subject;
  const lengths = framesOf(create(), stream).map((frame) => frame.length);
  const longest = Math.max(...lengths);
  const before = messages.slice(0, lengths.indexOf(longest));
  let refused: string | undefined;
  for (const delivery of deliveriesOf(stream)) {
    if (delivery.visit || lengths.length === 0) continue;
    for (const limit of [longest - 1, longest]) {
      const where = `${delivery.how}, with a limit of ${limit}`;
      const reading = decode(
        { ...create(), maxFrameLength: Math.max(limit, 0) },
        delivery,
        "read()",
      );
      // What follows the messages may be longer.
      if (limit === longest && subject.error === undefined) compare(subject, reading, where);
      if (limit === longest || limit < 0) continue;
      const text = described(reading.error);
      if (!(reading.error instanceof FrameTooLargeError) || text !== (refused ??= text)) {
        fail(name, `${where}: gave ${text}, not ${refused ?? "FrameTooLargeError"}`, reading.error);
      }
      if (!sameValue(reading.messages, before)) {
        fail(name, `${where}: gave ${shown(reading.messages)} before the error`);
      }
    }
  }
}

/** Verifies `switchTo` and `detach` at every byte. */
export function verifyChanges(subject: Subject): void {
  const { name, create, shared, stream, messages, ends } = subject;
  const steps = Math.ceil(stream.length / SWITCHES);
  for (let cut = 0; cut < stream.length; cut += Math.max(steps, 1)) {
    const [start, rest] = [stream.subarray(0, cut), stream.subarray(cut)];
    const before = () => {
      const decoder = new FrameDecoder<unknown>(create());
      decoder.push(start);
      return { decoder, read: attempt(() => decoder.readAll()) };
    };
    const { decoder, read } = before();
    if (read === undefined || decoder.failed) continue;
    const unread = decoder.detach();
    if (!equalBytes(unread, stream.subarray(ends[read.length - 1] ?? 0, cut))) {
      fail(name, `detach() after ${cut} bytes does not return the bytes of the unfinished message`);
    }
    const to = new FrameDecoder<unknown>({
      framer: { measure: () => stream.length + 1, write() {} },
      maxFrameLength: Infinity,
    });
    to.push(start);
    to.read();
    const changed = [{ how: "to", decoder: to.switchTo<unknown>(create()), read: [] as unknown[] }];
    if (shared) {
      const again = before();
      changed.push({ how: "within", decoder: again.decoder.switchTo(create()), read: again.read! });
    }
    for (const { how, decoder, read } of changed) {
      const result = attempt(() => {
        decoder.push(rest);
        decoder.end();
        return [...read, ...decoder.readAll()];
      });
      if (result === undefined ? subject.error === undefined : !sameValue(result, messages)) {
        fail(name, `switchTo() ${how} the protocol after ${cut} bytes gave ${shown(result)}`);
      }
    }
  }
}

/** Verifies that streams do not affect each other: several are read at once, each a few bytes behind. */
export function verifySharing(subject: Subject): void {
  if (!subject.shared) return;
  const { create, stream } = subject;
  const protocol = create();
  const readers = [0, 1, 2, 7, Math.floor(stream.length / 2)].map((lag) => {
    const messages: unknown[] = [];
    return {
      lag,
      decoder: new FrameDecoder<unknown>(protocol),
      messages,
      error: undefined as unknown,
    };
  });
  for (let at = 0; at <= stream.length * 2 + 8; at++) {
    for (const reader of readers) {
      const { decoder, messages, lag } = reader;
      const index = at - lag;
      if (reader.error !== undefined || index < 0) continue;
      try {
        if (index < stream.length) decoder.push(stream.subarray(index, index + 1));
        else decoder.end();
        messages.push(...decoder.readAll());
        decoder.read();
      } catch (error) {
        reader.error = error;
      }
    }
  }
  for (const { lag, ...reading } of readers) {
    compare(subject, reading, `a stream that is read together with others, ${lag} bytes behind`);
  }
}

/** Verifies the asynchronous reading methods. */
export async function verifyStreams(subject: Subject): Promise<void> {
  const { create, stream } = subject;
  const all = [...deliveriesOf(stream)].filter(({ visit }) => !visit);
  const step = Math.ceil(all.length / ASYNC_CUTS);
  for (const { how, chunks } of all.filter((_, index) => index < 2 || index % step === 0)) {
    for (const face of streamFaces) {
      compare(subject, await readStream(create(), chunks, face), `${how}, by ${face.name}`);
    }
  }
}

function attempt<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
