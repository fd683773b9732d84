import { protocolOf, type ProtocolParts } from "../protocol.ts";
import { FramingError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { ExpectedError, ProtocolCase } from "./protocol_case.ts";
import { verifyChanges, verifySharing } from "./protocol_changes.ts";
import { verifyDeliveries, verifyEnds, verifyLimits, verifyStreams } from "./protocol_checks.ts";
import { decode, type Reading } from "./protocol_faces.ts";
import { type AnyProtocol, described, fail, type Subject } from "./protocol_subject.ts";
import { verifyAnnounced, writtenBytes } from "./protocol_writing.ts";
import { shown } from "./same_value.ts";
import { equalBytes } from "./verification_failure.ts";

/**
 * Verifies that a protocol is correct, or rejects with an error that says what is wrong and how the stream was
 * read. It checks that:
 *
 * - a stream gives the same messages, the same reports and the same error after them, whole, byte by byte, cut in
 *   two at every offset, and cut at random; whole and in pieces by every reading method of `FrameDecoder`,
 *   `FrameReader`, `readFrames`, `FrameDecoderStream` and `Connection`; `visit` finds the same frames;
 * - a message is read as soon as it is complete, and does not change while more bytes arrive;
 * - `FrameEncoder`, `FrameEncoderStream` and `Connection.send` write the messages as the same bytes, those of the
 *   case, however much is written at once, and do not change them; the protocol reads what it writes;
 * - a stream that ends at any byte gives all complete messages, then `TruncatedFrameError` with the bytes of
 *   the unfinished message, or a clean end between two messages;
 * - a limit of a message's length accepts it, and a limit of one byte less refuses it, with the same error
 *   however the stream is cut;
 * - `switchTo` in the middle of a message loses nothing, and `detach` returns the bytes of an unfinished one;
 * - a message that is reported to `onInvalid` costs no other one, also when its error is thrown instead;
 * - two streams that share the protocol do not affect each other.
 *
 * Messages are compared by what they contain: primitive values, bytes, arrays, maps, sets, dates, errors and the
 * members of objects. An object whose content is private equals only itself.
 *
 * If client and server send different messages, combine the two with `asymmetric`, so that the protocol reads what
 * the other side writes: once for the messages of the client, once for those of the server.
 *
 * @typeParam In A received message.
 * @typeParam Out A sent message; by default the same type.
 * @param protocol The protocol; a function that creates it if each stream needs one of its own, because its
 * messages depend on earlier ones.
 * @param cases Streams and their messages: cover every kind of message, empty ones, several in a row, and bytes
 * that are refused.
 * @throws {Error} The protocol is incorrect; the message says where.
 * @throws {TypeError} `cases` is empty.
 *
 * @example
 * ```ts
 * import { json, lines, MalformedFrameError, netstring } from "@framewright/framewright";
 * import { verifyProtocol } from "@framewright/framewright/testing";
 *
 * await verifyProtocol({ framer: lines({ strict: true }), codec: json() }, [
 *   { messages: [{ id: 1 }, "text"], bytes: '{"id":1}\n"text"\n' },
 *   { messages: [1], bytes: "1\r\n", written: false },
 * ]);
 * await verifyProtocol(netstring(), [
 *   { messages: [], bytes: "-1:", error: { type: MalformedFrameError, offset: 0 } },
 * ]);
 * ```
 */
export async function verifyProtocol<In = Uint8Array, Out = In>(
  protocol: Framer | ProtocolParts<In, Out> | (() => Framer | ProtocolParts<In, Out>),
  cases: readonly ProtocolCase<NoInfer<In>, Out>[],
): Promise<void> {
  if (cases.length === 0) throw new TypeError("Cannot verify protocol: expected at least one case");
  const shared = typeof protocol !== "function";
  const create = (): AnyProtocol => {
    const { onInvalid: _, perConnection: __, ...bare } = protocolOf(shared ? protocol : protocol());
    return bare as AnyProtocol;
  };
  for (const [number, one] of cases.entries()) {
    await verifyCase(create, shared, `case ${number}`, one);
  }
}

async function verifyCase(
  create: () => AnyProtocol,
  shared: boolean,
  name: string,
  one: ProtocolCase<unknown>,
): Promise<void> {
  const { messages, bytes, invalid, error, endsAnywhere = false } = one;
  const valid = messages.length > 0 && invalid === undefined && error === undefined;
  const { written = valid } = one;
  const write = () => writtenBytes(create, typeof written === "boolean" ? messages : written, name);
  const stream = typeof bytes === "string"
    ? new TextEncoder().encode(bytes)
    : bytes ?? await write();
  const original = stream.slice();
  const reporting = invalid !== undefined || error === undefined;
  const whole = decode({ create, reporting }, { how: "", chunks: [stream] }, "read()");
  if (error !== undefined) {
    const place = [whole.ends.at(-1) ?? 0, whole.offset] as const;
    requireError(error, whole.error, place, `${name}, at the end`);
  }
  const subject: Subject = {
    name,
    create,
    shared,
    reporting,
    endsAnywhere,
    stream,
    messages,
    ends: whole.ends,
    reports: invalid === undefined ? [] : reportsOf(whole, invalid, name),
    error: error && described(whole.error),
  };
  verifyDeliveries(subject);
  verifyEnds(subject);
  verifySharing(subject);
  // A skipped message has no end to switch at, and none that the limit of another one depends on.
  if (invalid === undefined) {
    verifyLimits(subject);
    verifyChanges(subject);
  }
  await verifyStreams(subject);
  if (bytes !== undefined && written !== false) {
    const output = await write();
    if (!equalBytes(output, stream)) {
      fail(name, `messages are written as ${shown(output)}, not as ${shown(stream)}`);
    }
  }
  if (written === true) verifyAnnounced(subject);
  if (!equalBytes(stream, original)) fail(name, "the protocol changed the bytes");
}

/** Verifies the reports of a stream, and returns them as texts. */
function reportsOf(
  { reports, places }: Reading,
  expected: NonNullable<ProtocolCase<unknown>["invalid"]>,
  name: string,
): string[] {
  const texts = reports.map((report) => described(report)!);
  if (texts.length !== expected.length) {
    fail(name, `reported ${shown(texts)}, not ${expected.length} errors`, reports[0]);
  }
  for (const [index, error] of expected.entries()) {
    requireError(error, reports[index], places[index]!, `${name}, report ${index}`);
  }
  return texts;
}

/** Verifies that an error is the expected one. What cannot be decoded has no offset, but is between two. */
function requireError(
  expected: ExpectedError | ExpectedError["type"],
  error: unknown,
  [from, to]: Reading["places"][number],
  where: string,
): void {
  const { type, offset, message } = typeof expected === "function"
    ? { type: expected } as ExpectedError
    : expected;
  if (!(error instanceof type)) fail(where, `expected ${type.name}, not ${error}`, error);
  if (message !== undefined && !message.test(error.message)) {
    fail(where, `expected ${message}, not ${error}`, error);
  }
  if (error instanceof FramingError) [from, to] = [error.offset, error.offset];
  if (offset !== undefined && (offset < from || offset >= Math.max(to, from + 1))) {
    fail(where, `offset of ${error} is ${from}, not ${offset}`, error);
  }
}
