import { FrameDecoder } from "../frame_decoder.ts";
import { compare, fail, type Subject } from "./protocol_subject.ts";
import { sameValue, shown } from "./same_value.ts";
import { equalBytes } from "./verification_failure.ts";

/** Number of offsets at which protocols are switched. */
const SWITCHES = 128;

/** Verifies `switchTo` and `detach` at every byte. */
export function verifyChanges(subject: Subject): void {
  const { name, create, shared, stream, messages } = subject;
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
    const { offset } = decoder;
    if (!equalBytes(decoder.detach(), stream.subarray(offset, cut))) {
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
  const { create, shared, stream, reporting } = subject;
  if (!shared) return;
  const protocol = create();
  const readers = [0, 1, 2, 7, Math.floor(stream.length / 2)].map((lag) => {
    const messages: unknown[] = [];
    const reports: unknown[] = [];
    const onInvalid = reporting ? (error: unknown) => void reports.push(error) : undefined;
    const decoder = new FrameDecoder<unknown>(protocol, onInvalid);
    return { lag, decoder, messages, reports, error: undefined as unknown };
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

function attempt<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
