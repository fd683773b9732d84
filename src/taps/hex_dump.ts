import { hexadecimal } from "../bytes/hexadecimal.ts";
import type { Tap } from "./tap.ts";

const BYTES_PER_LINE = 16;

/**
 * Creates a tap that prints the traffic of a connection: chunks as hexadecimal numbers and text, frames
 * with their offset and length, backpressure and ends. `>` is sent, `<` received.
 *
 * ```text
 * < 00000000  00 00 00 05 68 65 6c 6c  6f                       |....hello|
 * < frame at 0: 9 bytes
 * ```
 *
 * @param write Called with each line; default `console.log`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Connection, hexDump, lines } from "@framewright/framewright";
 *
 * const seen: string[] = [];
 * const tap = hexDump((line) => seen.push(line));
 * const echo = new TransformStream<Uint8Array, Uint8Array>();
 * const connection = new Connection(echo, { framer: lines(), tap });
 * await connection.send(new TextEncoder().encode("hi"));
 * await connection.receive();
 * assert.equal(seen[1], "> 00000000  68 69 0a" + " ".repeat(42) + "|hi.|");
 * await connection.close();
 * ```
 */
export function hexDump(write: (line: string) => void = console.log): Tap {
  const arrow = { in: "<", out: ">", both: "=" };
  return {
    chunk({ direction, offset, bytes }) {
      for (let start = 0; start < bytes.length; start += BYTES_PER_LINE) {
        const line = bytes.subarray(start, start + BYTES_PER_LINE);
        const position = hexadecimal(offset + start, 8);
        write(`${arrow[direction]} ${position}  ${hexColumn(line)}  |${textOf(line)}|`);
      }
    },
    frame({ direction, offset, length }) {
      write(`${arrow[direction]} frame at ${offset}: ${length} bytes`);
    },
    backpressure({ pending }) {
      write(`> backpressure: ${pending} bytes pending`);
    },
    end({ direction, reason }) {
      write(`${arrow[direction]} end${reason === undefined ? "" : `: ${reason}`}`);
    },
  };
}

function hexColumn(bytes: Uint8Array): string {
  const words = Array.from(bytes, (byte) => hexadecimal(byte));
  const halves = [words.slice(0, BYTES_PER_LINE / 2), words.slice(BYTES_PER_LINE / 2)];
  return halves.map((half) => half.join(" ").padEnd(BYTES_PER_LINE / 2 * 3 - 1)).join("  ");
}

function textOf(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
}
