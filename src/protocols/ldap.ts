import type { ByteWriter } from "../bytes/byte_writer.ts";
import { NOTHING } from "../bytes/nothing.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { measureBer } from "../framers/ber.ts";
import type { Protocol } from "../protocol.ts";
import { berAt, berHeaderSize, writeBerHeader } from "./ber.ts";
import { uint } from "./integers.ts";

/** A message of LDAP. */
export interface LdapMessage {
  /** Identifier that responses repeat, from 0 to 2,147,483,647; 0 for unsolicited notifications. */
  readonly messageId: number;
  /** Tag of the operation: 0x60 for a bind request, 0x63 for a search request, 0x42 to unbind. */
  readonly operation: number;
  /** The operation's content in BER, without tag and length. */
  readonly content: Uint8Array;
  /** Controls in BER, without tag and length; default: none. */
  readonly controls?: Uint8Array;
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const CONTROLS = 0xa0;

/**
 * LDAP, for clients and servers (RFC 4511, sections 4.1.1 and 5.1).
 *
 * ```text
 *   ┌────┬────────┬────────────┬─────────────────────────────────┬──────────┐
 *   │ 30 │ length │ message id │ operation: tag, length, content │ controls │   BER, definite lengths
 *   └────┴────────┴────────────┴─────────────────────────────────┴──────────┘
 *     1    1 to 5
 * ```
 *
 * The default limit is 4 MiB, which OpenLDAP permits to authenticated clients.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { ldap } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(ldap());
 * decoder.push(Uint8Array.of(0x30, 5, 2, 1, 3, 0x42, 0)); // unbind
 * const { messageId, operation } = decoder.read()!;
 * assert.deepEqual([messageId, operation], [3, 0x42]);
 * ```
 */
export function ldap(): Protocol<Required<LdapMessage>, LdapMessage> {
  return {
    framer: {
      measure(input) {
        const tag = input.peek();
        if (tag === undefined || tag === SEQUENCE) return measureBer(input);
        throw new MalformedFrameError(`tag is ${tag}: expected ${SEQUENCE}`);
      },
      write: (frame, output) => output.write(frame),
    },
    codec: { decode, ...writing(write) },
    maxFrameLength: 4 * 2 ** 20,
  };
}

function decode(frame: Uint8Array): Required<LdapMessage> {
  const { start } = berAt(frame, 0);
  const id = berAt(frame, start);
  const operation = berAt(frame, id.end);
  const idSize = id.end - id.start;
  const messageId = uint(frame, id.start, Math.min(idSize, 4));
  if (frame[start] !== INTEGER || idSize < 1 || idSize > 4 || messageId > 0x7fff_ffff) {
    throw new MalformedFrameError("message identifier is invalid");
  }
  let controls: Uint8Array = NOTHING;
  if (operation.end < frame.length) {
    const { start, end } = berAt(frame, operation.end);
    if (frame[operation.end] !== CONTROLS || end < frame.length) {
      throw new MalformedFrameError("bytes after the operation are not controls");
    }
    controls = frame.subarray(start, end);
  }
  return {
    messageId,
    operation: frame[id.end]!,
    content: frame.subarray(operation.start, operation.end),
    controls,
  };
}

function write({ messageId, operation, content, controls }: LdapMessage, output: ByteWriter): void {
  if (!(messageId <= 0x7fff_ffff)) {
    throw new RangeError(`Invalid messageId ${messageId}: expected at most 2147483647`);
  }
  // The top bit is the sign.
  const idSize = messageId < 0x80 ? 1 : messageId < 0x8000 ? 2 : messageId < 0x80_0000 ? 3 : 4;
  const hasControls = controls !== undefined && controls.length > 0;
  const length = 2 + idSize + berHeaderSize(content.length) + content.length +
    (hasControls ? berHeaderSize(controls.length) + controls.length : 0);
  writeBerHeader(SEQUENCE, length, output);
  writeBerHeader(INTEGER, idSize, output);
  output.writeUint(messageId, idSize);
  writeBerHeader(operation, content.length, output);
  output.write(content);
  if (!hasControls) return;
  writeBerHeader(CONTROLS, controls.length, output);
  output.write(controls);
}
