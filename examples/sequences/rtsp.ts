/** RTSP (RFC 2326, 10.12): text messages, with binary packets of media in between. */
import {
  delimited,
  lengthPrefixed,
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  text,
  uint16,
  uint8,
} from "@framewright/framewright";

export type Message =
  | { readonly head: string; readonly body: Uint8Array }
  | { readonly channel: number; readonly data: Uint8Array };

const byte = part(uint8);
const packet = part(lengthPrefixed(uint16));
const blank = delimited("\r\n\r\n");
const head = part({ framer: blank, codec: text(), maxFrameLength: 65_536 });
const DOLLAR = 0x24;

export const rtsp: SequenceProtocol<Message> = sequence<Message>({
  *read() {
    const first = yield* byte;
    if (first === DOLLAR) return { channel: yield* byte, data: yield* packet };
    const whole = String.fromCharCode(first) + (yield* head);
    const [, length = "0"] = /^content-length: *(.*)$/im.exec(whole) ?? [];
    if (!/^\d+$/.test(length)) throw new MalformedFrameError("no length");
    return { head: whole, body: yield* part(Number(length)) };
  },
  write(message, output) {
    if ("head" in message) {
      blank.write(new TextEncoder().encode(message.head), output);
      return output.write(message.body);
    }
    output.writeUint(DOLLAR, 1);
    output.writeUint(message.channel, 1);
    lengthPrefixed(uint16).write(message.data, output);
  },
});
