import { NOTHING } from "../bytes/nothing.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { varintOf } from "../framers/lengths/varint.ts";
import type { Protocol } from "../protocol.ts";
import { decodePublish, type MqttPublish, writePublish } from "./mqtt_publish.ts";

export type { MqttPublish };

/** A control packet of MQTT other than PUBLISH. */
export interface MqttControl {
  /** Type. */
  readonly type: Exclude<MqttType, "publish">;
  /** Variable header and payload; default: empty. */
  readonly body?: Uint8Array;
}

/** The options of {@link mqtt}. */
export interface MqttOptions {
  /** Protocol level, as in CONNECT: 4 for MQTT 3.1.1, the default, or 5. */
  readonly version?: 4 | 5;
}

/** A type of control packet in MQTT. */
export type MqttType =
  | "connect"
  | "connack"
  | "publish"
  | "puback"
  | "pubrec"
  | "pubrel"
  | "pubcomp"
  | "subscribe"
  | "suback"
  | "unsubscribe"
  | "unsuback"
  | "pingreq"
  | "pingresp"
  | "disconnect"
  | "auth";

/** The types by number, from 1 on. */
const TYPES: readonly ("" | MqttType)[] = [
  "",
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
  "auth",
];

/** Flags of the types from PUBREL to UNSUBSCRIBE that have one set; all other reserved flags are 0. */
const FLAGS: readonly number[] = [0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2];

/**
 * MQTT 3.1.1 and 5, for clients and servers (MQTT 3.1.1 and 5.0, section 2).
 *
 * ```text
 *   ┌────────┬────────┬─────────────────┬─────────────────┬─────────┐
 *   │ type   │ flags  │ length (varint) │ variable header │ payload │
 *   └────────┴────────┴─────────────────┴─────────────────┴─────────┘
 *     4 bits   4 bits   1 to 4
 * ```
 *
 * The versions differ in PUBLISH, and `auth` is new in 5. A server reads the level of CONNECT in byte 6 of its
 * body, and switches to this version. The default limit is 1 MiB; MQTT itself permits 256 MiB.
 *
 * @throws {RangeError} `version` is neither 4 nor 5.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder } from "@framewright/framewright";
 * import { mqtt } from "@framewright/framewright/protocols";
 *
 * const encoder = new FrameEncoder(mqtt());
 * encoder.write({ type: "publish", topic: "lamp", payload: new TextEncoder().encode("on") });
 * const decoder = new FrameDecoder(mqtt());
 * for (const chunk of encoder.drain()) decoder.push(chunk);
 * const message = decoder.read()!;
 * assert.ok(message.type === "publish");
 * assert.equal(message.topic, "lamp");
 * ```
 */
export function mqtt(
  options: MqttOptions = {},
): Protocol<Required<MqttControl | MqttPublish>, MqttControl | MqttPublish> {
  const { version = 4 } = options;
  if (version !== 4 && version !== 5) {
    throw new RangeError(`Invalid version ${version}: expected 4 or 5`);
  }
  const remaining = varintOf(4, { minimal: version === 5 });
  return {
    framer: {
      measure(input) {
        const type = input.peek();
        if (type === undefined) return undefined;
        if (type < 0x10) throw new MalformedFrameError("unknown packet type 0");
        const before = input.length;
        input.skip(1);
        const length = remaining.read(input);
        const header = before - input.length;
        input.skip(-header);
        return length === undefined ? undefined : header + length;
      },
      write: (frame, output) => output.write(frame),
    },
    codec: {
      decode(frame) {
        let start = 1;
        while (frame[start++]! >= 0x80);
        const number = frame[0]! >> 4;
        const type = TYPES[number] as MqttType;
        if (type === "publish") return decodePublish(frame, start, version);
        const flags = frame[0]! & 0xf;
        if (flags !== (FLAGS[number] ?? 0)) {
          throw new MalformedFrameError(`flags ${flags} of ${type} are reserved`);
        }
        if (type === "auth" && version < 5) {
          throw new MalformedFrameError("auth is not in MQTT 3.1.1");
        }
        return { type, body: frame.subarray(start) };
      },
      ...writing((message: MqttControl | MqttPublish, output) => {
        if (message.type === "publish") return writePublish(message, output, version);
        const { type, body = NOTHING } = message;
        const number = TYPES.indexOf(type);
        if (number < 1 || (type === "auth" && version < 5)) {
          throw new TypeError(`Invalid type ${type}: expected one of MQTT ${version}`);
        }
        output.writeUint(number * 16 + (FLAGS[number] ?? 0), 1);
        remaining.write(body.length, output);
        output.write(body);
      }),
    },
    maxFrameLength: 2 ** 20,
  };
}
