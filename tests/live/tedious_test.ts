/** `tds` with the driver `tedious`: no package has the server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { tds } from "../../protocols.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";
import { identity, trusting } from "../support/tls.ts";

const driver = npmPeer("tedious", "tedious@20.3.9");
const [BATCH, CALL, RESPONSE, LOGIN, PRELOGIN] = [1, 3, 4, 16, 18];
/** Tokens of a response. */
const [COLUMNS, LOGIN_ACK, ROW, CHANGE, DONE] = ["\x81", "\xad", "\xd1", "\xe3", "\xfd"];
const [INTEGER, TEXT, BINARY] = ["\x38", "\xe7", "\xa5"];
const SIZE = 4096;

/** Encodes an integer in little-endian order, one character a byte. */
function int(value: number, size: number): string {
  let text = "";
  for (; size > 0; size--) {
    text += String.fromCharCode(value % 256);
    value = Math.floor(value / 256);
  }
  return text;
}

/** Encodes a text in UTF-16. */
function wide(text: string): string {
  return Array.from(text, (character) => int(character.charCodeAt(0), 2)).join("");
}

/** Encodes a text after its number of characters. */
function short(text: string): string {
  return int(text.length, 1) + wide(text);
}

function sized(token: string, content: string): string {
  return token + int(content.length, 2) + content;
}

function done(rows: number): string {
  return DONE + int(0x10, 2) + int(0xc1, 2) + int(rows, 8);
}

function columns(...types: string[]): string {
  const each = types.map((type) => int(0, 4) + int(0, 2) + type + short("c"));
  return COLUMNS + int(types.length, 2) + each.join("");
}

/** Version, and encryption that is not supported. */
const prelogin = "\0\0\x0b\0\x06" + "\x01\0\x11\0\x01" + "\xff" + "\x10\0\0\0\0\0" + "\x02";
const login = sized(LOGIN_ACK!, "\x01\x74\0\0\x04" + short("framewright") + "\x10\0\0\0") +
  sized(CHANGE!, "\x04" + short(`${SIZE}`) + short("4096")) + done(0);

function manyRows(): string {
  const text = TEXT + int(100, 2) + "\0".repeat(5);
  const rows = Array.from(
    { length: 10_000 },
    (_, index) => ROW + int(index, 4) + sized("", wide(`row ${index}`)),
  );
  return columns(INTEGER!, text) + rows.join("") + done(10_000);
}

/** A value whose length is not limited, in one part. */
function oneValue(data: Uint8Array): string {
  const value = int(data.length, 8) + int(data.length, 4) + latin1(data) + int(0, 4);
  return columns(BINARY + "\xff\xff") + ROW + value + done(1);
}

for (const encrypt of [false, "strict"]) {
  const how = encrypt ? " over TLS" : "";
  test(...driver.needed(`tds() serves tedious${how}`), async () => {
    const tls = { ...identity, alpn: ["tds/8.0"] };
    const protocol = { ...tds({ packetSize: SIZE }), ...(encrypt && { tls }) };
    const parameter = numbered(4 * 2 ** 20);
    const types: number[][] = [];
    const lines = await driver.served("work", protocol, async (connection) => {
      for await (const { type, status, data } of connection) {
        types.push([type, status]);
        if (type === CALL) {
          const at = latin1(data).indexOf(latin1(parameter.subarray(0, 1000)));
          assert.ok(at > 0 && parameter.every((byte, index) => byte === data[at + index]));
        }
        const answer = type === PRELOGIN
          ? prelogin
          : type === LOGIN
          ? login
          : type === CALL
          ? oneValue(parameter)
          : data.length > 2 ** 21
          ? manyRows()
          : done(0);
        await connection.send({ type: RESPONSE!, processId: 51, data: bytes(answer) });
      }
    }, { encrypt, ...trusting });
    assert.deepEqual(lines, [10_000, parameter.length]);
    // One status resets the connection.
    const expected = [[PRELOGIN, 0], [LOGIN, 0], [BATCH, 0], [BATCH, 0], [BATCH, 8], [CALL, 0]];
    assert.deepEqual(types, expected);
  });
}
