import { lenientText } from "../codecs/text.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import { lengthPrefixed } from "../framers/length_prefixed.ts";
import { decimalUntil } from "../framers/lengths/digits.ts";
import { lines } from "../framers/lines.ts";
import type { Protocol } from "../protocol.ts";
import { utf8 } from "./text_parts.ts";

/** A message of syslog. */
export interface SyslogMessage {
  /** Kind of program that has sent it, from 0 to 23: 4 for authentication, 16 to 23 for local use. */
  readonly facility: number;
  /** Severity, from 0 for an emergency to 7 for debugging. */
  readonly severity: number;
  /** The rest: in RFC 5424 from its version on, in RFC 3164 from the time on. */
  readonly text: string;
}

/** The options of {@link syslog}. */
export interface SyslogOptions {
  /** Framing of written messages: after their length, the default, or as lines. Both are read. */
  readonly framing?: "octets" | "lines";
}

const PRIORITY = /^<(0|[1-9]\d{0,2})>/;

/**
 * syslog over TCP and TLS, after its length or as lines, each recognized by its first byte (RFC 6587, sections 3.4.1
 * and 3.4.2; RFC 5425, section 4.3).
 *
 * ```text
 *   ┌────────┬───────┬──────────┬──────┐   ┌──────────┬──────┬────┐
 *   │ length │ space │ <34>1 …  │ text │   │ <34>1 …  │ text │ LF │
 *   └────────┴───────┴──────────┴──────┘   └──────────┴──────┴────┘
 * ```
 *
 * A line may end with CRLF, and the last one with the stream. A message without a priority is a
 * {@link CodecError}. Bytes that are not UTF-8 are replaced by U+FFFD. The default limit is 64 KiB; RFC 5424
 * recommends that receivers accept 2,048 bytes, and RFC 5425 that they accept 8,192.
 *
 * @throws {RangeError} `framing` is unknown.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { syslog } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(syslog());
 * decoder.push(new TextEncoder().encode("10 <34>1 - a\n<13>b\n"));
 * assert.deepEqual([...decoder], [
 *   { facility: 4, severity: 2, text: "1 - a\n" },
 *   { facility: 1, severity: 5, text: "b" },
 * ]);
 * ```
 */
export function syslog({ framing = "octets" }: SyslogOptions = {}): Protocol<SyslogMessage> {
  if (framing !== "octets" && framing !== "lines") {
    throw new RangeError(`Invalid framing ${framing}: expected "octets" or "lines"`);
  }
  const octets = lengthPrefixed(decimalUntil(" "));
  const byLine = lines();
  const written: Framer = framing === "octets" ? octets : byLine;
  const strings = lenientText();
  return {
    framer: {
      measure(input) {
        const first = input.peek();
        // No message begins with 0, and only a length with another digit.
        return first !== undefined && first > 0x30 && first <= 0x39
          ? octets.measure(input)
          : byLine.measure(input);
      },
      write: (frame, output) => written.write(frame, output),
    },
    codec: {
      decode(frame) {
        const text = strings.decode(frame);
        const [priority, digits] = PRIORITY.exec(text) ?? [];
        const value = Number(digits);
        if (priority === undefined || value > 191) {
          throw new MalformedFrameError("message has no priority from <0> to <191>");
        }
        return { facility: value >> 3, severity: value & 7, text: text.slice(priority.length) };
      },
      ...writing(({ facility, severity, text }: SyslogMessage, output) => {
        if (!(isUpTo(facility, 23) && isUpTo(severity, 7))) {
          throw new RangeError(`Invalid facility ${facility} or severity ${severity}`);
        }
        written.write(utf8(`<${facility * 8 + severity}>${text}`), output);
      }),
    },
    maxFrameLength: 65_536,
  };
}

function isUpTo(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
