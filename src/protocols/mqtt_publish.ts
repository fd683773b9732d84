import type { ByteWriter } from "../bytes/byte_writer.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { text } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import { varintOf } from "../framers/lengths/varint.ts";
import { uint } from "./integers.ts";

/** A PUBLISH packet of MQTT. */
export interface MqttPublish {
  /** Type. */
  readonly type: "publish";
  /** Topic; empty in MQTT 5 if a topic alias replaces it. */
  readonly topic: string;
  /** Application message. */
  readonly payload: Uint8Array;
  /** Quality of service; default 0. */
  readonly qos?: 0 | 1 | 2;
  /** Packet identifier, from 1 to 65,535, for quality of service 1 and 2; default 0: none. */
  readonly packetId?: number;
  /** Whether the server keeps the message for later subscribers; default `false`. */
  readonly retain?: boolean;
  /** Whether it may have been delivered before; default `false`. */
  readonly duplicate?: boolean;
  /** Properties of MQTT 5, without their length; default: none. */
  readonly properties?: Uint8Array;
}

/** Type and flags of PUBLISH. */
const PUBLISH = 0x30;
const RETAIN = 1;
const DUPLICATE = 8;
const remaining = /* @__PURE__ */ varintOf(4);
const strings = /* @__PURE__ */ text();

/**
 * Decodes a PUBLISH packet.
 *
 * @param at Where the variable header begins.
 * @throws {MalformedFrameError} The packet is invalid.
 */
export function decodePublish(
  frame: Uint8Array,
  at: number,
  version: 4 | 5,
): Required<MqttPublish> {
  const flags = frame[0]!;
  const qos = flags >> 1 & 3;
  if (qos === 3) throw new MalformedFrameError("PUBLISH has quality of service 3");
  const topicAt = at + 2;
  const topicEnd = topicAt + uint(frame, at, 2);
  const idEnd = qos === 0 ? topicEnd : topicEnd + 2;
  // An incomplete length gives NaN.
  if (!(idEnd <= frame.length)) throw new MalformedFrameError("PUBLISH is incomplete");
  const packetId = qos === 0 ? 0 : uint(frame, topicEnd, 2);
  if (qos > 0 && packetId === 0) throw new MalformedFrameError("PUBLISH has packet identifier 0");
  let start = idEnd;
  let properties = NOTHING;
  if (version === 5) {
    let length = 0;
    for (let unit = 1, byte = 0x80; byte >= 0x80; unit *= 128) {
      byte = frame[start++] ?? NaN;
      length += (byte & 0x7f) * unit;
      if (!(unit <= 128 ** 3 && start + length <= frame.length && byte >= 0)) {
        throw new MalformedFrameError("properties of PUBLISH are incomplete");
      }
    }
    properties = frame.subarray(start, start + length);
    start += length;
  }
  return {
    type: "publish",
    topic: strings.decode(frame.subarray(topicAt, topicEnd)),
    payload: frame.subarray(start),
    qos: qos as 0 | 1 | 2,
    packetId,
    retain: (flags & RETAIN) !== 0,
    duplicate: (flags & DUPLICATE) !== 0,
    properties,
  };
}

/**
 * Writes a PUBLISH packet.
 *
 * @throws {TypeError} A packet identifier is missing, or there are properties in MQTT 3.1.1.
 */
export function writePublish(message: MqttPublish, output: ByteWriter, version: 4 | 5): void {
  const { topic, payload, qos = 0, packetId = 0, retain, duplicate } = message;
  const { properties = NOTHING } = message;
  if (qos > 0 !== packetId > 0) {
    throw new TypeError(`Cannot write PUBLISH: packetId is ${packetId} and qos is ${qos}`);
  }
  if (version < 5 && properties.length > 0) {
    throw new TypeError("Cannot write PUBLISH: properties require version 5");
  }
  const encoded = strings.encode(topic);
  const prefix = properties.length;
  const prefixSize = version < 5
    ? 0
    : prefix < 0x80
    ? 1
    : prefix < 0x4000
    ? 2
    : prefix < 0x20_0000
    ? 3
    : 4;
  output.writeUint(PUBLISH + (duplicate ? DUPLICATE : 0) + qos * 2 + (retain ? RETAIN : 0), 1);
  remaining.write(
    2 + encoded.length + (qos > 0 ? 2 : 0) + prefixSize + prefix + payload.length,
    output,
  );
  output.writeUint(encoded.length, 2);
  output.write(encoded);
  if (qos > 0) output.writeUint(packetId, 2);
  if (version === 5) {
    remaining.write(prefix, output);
    output.write(properties);
  }
  output.write(payload);
}
