/** `fastCgi` with PHP. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { fastCgi, type FastCgiRecord } from "../../protocols.ts";
import { latin1 } from "../support/bytes.ts";
import { connected, folder, live, next } from "../support/live_server.ts";

const encoder = new TextEncoder();
const [BEGIN, END, PARAMETERS, INPUT, OUTPUT, ERRORS] = [1, 3, 4, 5, 6, 7];
const none = new Uint8Array();

/** Returns parameters: lengths of name and value, name and value. */
function parameters(values: Record<string, string>): Uint8Array {
  return Uint8Array.from(
    Object.entries(values).flatMap(([name, value]) => {
      const [one, other] = [encoder.encode(name), encoder.encode(value)];
      const length = other.length < 128
        ? [other.length]
        : [0x80, 0, other.length >> 8, other.length & 0xff];
      return [one.length, ...length, ...one, ...other];
    }),
  );
}

/** Sends a request, and returns the output and the errors. */
async function request(
  connection: Connection<FastCgiRecord>,
  requestId: number,
  query: string,
  input: Uint8Array,
): Promise<{ readonly output: string; readonly errors: string }> {
  // A responder; the connection is kept.
  await connection.send({ type: BEGIN, requestId, content: Uint8Array.of(0, 1, 1, 0, 0, 0, 0, 0) });
  const content = parameters({
    SCRIPT_FILENAME: `${folder}/echo.php`,
    REQUEST_METHOD: "POST",
    CONTENT_TYPE: "application/octet-stream",
    CONTENT_LENGTH: `${input.length}`,
    QUERY_STRING: query,
    REDIRECT_STATUS: "200",
    LONG: "l".repeat(1000),
  });
  await connection.send({ type: PARAMETERS, requestId, content });
  await connection.send({ type: PARAMETERS, requestId, content: none });
  for (let at = 0; at < input.length; at += 65_535) {
    await connection.send({ type: INPUT, requestId, content: input.subarray(at, at + 65_535) });
  }
  await connection.send({ type: INPUT, requestId, content: none });
  let [output, errors] = ["", ""];
  for (;;) {
    const record = await next(connection);
    assert.equal(record.requestId, requestId);
    if (record.type === OUTPUT) output += latin1(record.content);
    else if (record.type === ERRORS) errors += latin1(record.content);
    else {
      assert.equal(record.type, END);
      // No exit code, and the request is complete.
      assert.deepEqual([...record.content.subarray(0, 5)], [0, 0, 0, 0, 0]);
      return { output, errors };
    }
  }
}

test("fastCgi() makes 100 requests of PHP on one connection", live, async () => {
  const connection = await connected(fastCgi());
  for (let index = 1; index <= 100; index++) {
    const { output, errors } = await request(
      connection,
      1,
      `n=${index}`,
      encoder.encode(`input ${index} `),
    );
    const [, body] = output.split("\r\n\r\n");
    assert.equal(body, `input ${index} ${"x".repeat(index)}`);
    assert.match(errors, /logged/);
  }
  await connection.close();
});

test("fastCgi() sends 1 MiB to PHP and receives 10 MiB", live, async () => {
  const connection = await connected(fastCgi());
  const input = new Uint8Array(2 ** 20).fill(0x61);
  const { output } = await request(connection, 0xffff, `n=${10 * 2 ** 20}`, input);
  const [head, body] = output.split("\r\n\r\n");
  assert.match(head!, /Content-type/i);
  assert.equal(body!.length, 11 * 2 ** 20);
  assert.ok(body === "a".repeat(2 ** 20) + "x".repeat(10 * 2 ** 20));
  await connection.close();
});

test("fastCgi() asks PHP for its values", live, async () => {
  const connection = await connected(fastCgi());
  const content = parameters({ FCGI_MPXS_CONNS: "", FCGI_MAX_CONNS: "" });
  await connection.send({ type: 9, requestId: 0, content });
  const reply = await next(connection);
  assert.deepEqual([reply.type, reply.requestId], [10, 0]);
  assert.match(latin1(reply.content), /FCGI_MPXS_CONNS0/);
  await connection.close();
});
