/** The beginning of SSH (RFC 4253, 4.2 and 6): lines up to the version, then binary packets. */
import {
  delimited,
  lines,
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  text,
  uint32,
  uint8,
} from "@framewright/framewright";

export type Message = { readonly version: string; readonly banner: readonly string[] } | Uint8Array;

const line = part({ framer: lines({ strict: true }), codec: text(), maxFrameLength: 8192 });

/** Creates the protocol of one connection: its first message is the version, the others are payloads. */
export function ssh(): SequenceProtocol<Message> {
  let started = false;
  return sequence<Message>({
    *read() {
      const banner: string[] = [];
      while (!started) {
        const version = yield* line;
        started = version.startsWith("SSH-");
        if (started) return { version, banner };
        banner.push(version);
      }
      const length = yield* part(uint32);
      const padding = yield* part(uint8);
      if (padding < 4) throw new MalformedFrameError("no padding");
      const payload = yield* part(length - padding - 1);
      yield* part(padding);
      return payload;
    },
    write(message, output) {
      if (!(message instanceof Uint8Array)) {
        for (const one of [...message.banner, message.version]) {
          delimited("\r\n").write(new TextEncoder().encode(one), output);
        }
        return;
      }
      // A packet's length is a multiple of 8, its padding at least 4 bytes.
      const padding = 4 + (15 - (message.length + 8) % 8) % 8;
      output.writeUint(message.length + padding + 1, 4);
      output.writeUint(padding, 1);
      output.write(message);
      output.write(new Uint8Array(padding));
    },
    maxFrameLength: 35_000,
  });
}
