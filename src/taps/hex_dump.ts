import type { Tap } from "./tap.ts";

const PER_LINE = 16;

/**
 * Makes a tap that prints what passes over a connection: chunks as hexadecimal numbers and text, frames
 * with their place and length, stalls and ends. `>` is sent, `<` received.
 *
 * ```text
 * < 00000000  00 00 00 05 68 65 6c 6c  6f                       |....hello|
 * < frame at 0: 9 bytes
 * ```
 *
 * @param write Takes each line; default: `console.log`.
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
      for (let at = 0; at < bytes.length; at += PER_LINE) {
        const part = bytes.subarray(at, at + PER_LINE);
        write(`${arrow[direction]} ${hex(offset + at, 8)}  ${hexColumn(part)}  |${textOf(part)}|`);
      }
    },
    frame({ direction, offset, length }) {
      write(`${arrow[direction]} frame at ${offset}: ${length} bytes`);
    },
    stall({ pending }) {
      write(`> stalled: ${pending} bytes wait`);
    },
    end({ direction, reason }) {
      write(`${arrow[direction]} end${reason === undefined ? "" : `: ${reason}`}`);
    },
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function hexColumn(bytes: Uint8Array): string {
  const words = Array.from(bytes, (byte) => hex(byte, 2));
  const halves = [words.slice(0, PER_LINE / 2), words.slice(PER_LINE / 2)];
  return halves.map((half) => half.join(" ").padEnd(PER_LINE / 2 * 3 - 1)).join("  ");
}

function textOf(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
}
