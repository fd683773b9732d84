/** Messages of WebSocket (RFC 6455, 5): masked frames, joined up to the final one, with others in between. */
import {
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  uint16,
  uint64,
  uint8,
} from "@framewright/framewright";

export type Message = { readonly opcode: number; readonly data: Uint8Array };

/** A message, and the control frames that came between its fragments. */
export type Messages = readonly Message[];

/** Messages that a client sends: the control frames inside a message come before it. */
export const webSocket: SequenceProtocol<Messages, never> = sequence<Messages, never>({
  *read() {
    const messages: Message[] = [];
    const fragments: Uint8Array[] = [];
    for (let opcode = 0;;) {
      const { final, kind, data } = yield* frame();
      if (kind >= 8) {
        messages.push({ opcode: kind, data });
        if (opcode === 0) return messages;
        continue;
      }
      if ((kind === 0) !== (opcode > 0)) throw new MalformedFrameError("misplaced fragment");
      opcode ||= kind;
      fragments.push(data);
      if (final) return [...messages, { opcode, data: joined(fragments) }];
    }
  },
});

/** Reads one frame. */
function* frame() {
  const [flags, size] = [yield* part(uint8), yield* part(uint8)];
  const [final, kind, masked, short] = [flags >= 0x80, flags & 0x7f, size >= 0x80, size & 0x7f];
  if (kind > 10 || (kind & 7) > 2) throw new MalformedFrameError("unknown opcode");
  if (kind >= 8 && !(final && short < 126)) throw new MalformedFrameError("long control frame");
  if (!masked) throw new MalformedFrameError("no mask");
  const length = short < 126 ? short : yield* part(short === 126 ? uint16 : uint64);
  const mask = yield* part(4);
  const data = (yield* part(length)).map((byte, index) => byte ^ mask[index & 3]!);
  return { final, kind, data };
}

function joined(fragments: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(fragments.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of fragments) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}
