/**
 * As much of HTTP/2 as an exchange needs, over the frames of `http2Frames`.
 *
 * @module
 */

import type { Connection } from "../../mod.ts";
import type { Http2Frame, Http2Preface } from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes } from "./bytes.ts";

/** A connection whose frames are those of HTTP/2. */
export type Http2Connection = Connection<
  Required<Http2Frame> | Http2Preface,
  Http2Frame | Http2Preface
>;

/** A frame of the body. */
export const DATA = 0;
/** A frame that opens a stream, or begins a response. */
export const HEADERS = 1;
/** A frame of settings. */
export const SETTINGS = 4;
/** A frame that the peer returns. */
export const PING = 6;
/** The last frame of a peer. */
export const GOAWAY = 7;
const WINDOW_UPDATE = 8;

/** A flag of frames after which a stream has no more of them. */
export const END_STREAM = 1;
/** A flag of settings and pings that answer those of the peer. */
export const ACK = 1;
/** A flag of header fields that no other frame continues. */
export const END_HEADERS = 4;

const ENCODER = new TextEncoder();

/** Sends this side's settings: the peer may send as much as it wants. */
export async function greet(connection: Http2Connection): Promise<void> {
  const settings = bytes("\0\x04\x7f\xff\xff\xff");
  await connection.send({ type: SETTINGS, payload: settings });
  await connection.send({ type: WINDOW_UPDATE, payload: bytes("\x7f\xff\0\0") });
}

/** Returns the next frame, and acknowledges settings and pings before it. */
export async function nextFrame(connection: Http2Connection): Promise<Required<Http2Frame>> {
  for (;;) {
    const frame = await connection.receive();
    if (frame === undefined) throw new Error("The peer has closed the connection");
    if (frame.type === "preface") throw new Error("The preface came twice");
    const { type, flags, payload } = frame;
    if (type === WINDOW_UPDATE) continue;
    if ((type !== SETTINGS && type !== PING) || flags === ACK) return frame;
    const answer = type === PING ? payload : new Uint8Array();
    await connection.send({ type, flags: ACK, payload: answer });
  }
}

/** Encodes header fields (RFC 7541, section 6.2.2), which must be shorter than 127 bytes. */
export function headerBlock(fields: Readonly<Record<string, string>>): Uint8Array {
  const parts: number[] = [];
  for (const [name, value] of Object.entries(fields)) {
    parts.push(0);
    for (const text of [name, value]) parts.push(text.length, ...ENCODER.encode(text));
  }
  return Uint8Array.from(parts);
}

/** Opens a stream by its header fields. */
export function open(
  connection: Http2Connection,
  streamId: number,
  fields: Readonly<Record<string, string>>,
  flags: number = END_HEADERS,
): Promise<void> {
  return connection.send({ type: HEADERS, flags, streamId, payload: headerBlock(fields) });
}

/** Receives what remains of a stream, and returns its data. */
export async function dataOf(connection: Http2Connection, streamId: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const frame = await nextFrame(connection);
    if (frame.streamId !== streamId) continue;
    if (frame.type === DATA) parts.push(frame.payload);
    if (frame.flags & END_STREAM) return concat(parts);
  }
}
