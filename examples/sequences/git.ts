/** git's pkt-lines (gitprotocol-common): four hexadecimal digits that count themselves, some with a meaning. */
import { hex, part, sequence, type SequenceProtocol } from "@framewright/framewright";

export type PktLine = Uint8Array | "flush" | "delimiter" | "response end";

const special = ["flush", "delimiter", "response end"] as const;
const digits = hex(4);

export const pktLines: SequenceProtocol<PktLine> = sequence<PktLine>({
  *read() {
    const size = yield* part(digits);
    return special[size] ?? (yield* part(size - 4));
  },
  write(line, output) {
    const size = typeof line === "string" ? special.indexOf(line) : line.length + 4;
    digits.write(size, output);
    if (typeof line !== "string") output.write(line);
  },
  maxFrameLength: 65_520,
});
