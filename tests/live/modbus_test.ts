/** `modbusTcp` with the server `jsmodbus` and the client `modbus-serial`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Requester } from "../../mod.ts";
import { modbusTcp, type ModbusTcpMessage } from "../../protocols.ts";
import { numbered } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const server = npmPeer("jsmodbus", "jsmodbus@5.0.0");
const client = npmPeer("modbus_serial", "modbus-serial@8.0.25");
const [READ, WRITE_COIL, WRITE] = [3, 5, 16] as const;

/** Returns the data of a request: 16-bit integers, and bytes. */
function fields(...values: (number | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap((value) => typeof value === "number" ? [value >> 8, value & 255] : [...value]),
  );
}

test(...server.needed("modbusTcp() pipelines 1,000 requests to jsmodbus"), async () => {
  const { connection, peer } = await server.connected("serve", modbusTcp());
  const requester = new Requester(connection, {
    match: ({ transactionId }: ModbusTcpMessage) => transactionId,
  });
  let last = 0;
  const call = (functionCode: number, data: Uint8Array) =>
    requester.request({ transactionId: ++last, unitId: 255, functionCode, data });
  const content = numbered(246);
  const written = await call(WRITE, fields(0, 123, Uint8Array.of(246), content));
  assert.deepEqual([written.functionCode, written.data], [WRITE, fields(0, 123)]);
  const replies = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => call(READ, fields(index % 120, 3))),
  );
  for (const [index, { data }] of replies.entries()) {
    const at = 2 * (index % 120);
    assert.deepEqual(data, Uint8Array.of(6, ...content.subarray(at, at + 6)));
  }
  const all = await call(READ, fields(0, 125));
  assert.equal(all.data.length, 251);
  await connection.close();
  await peer.ended;
});

test(...client.needed("modbusTcp() serves modbus-serial"), async () => {
  const registers = numbered(250);
  const requests: [unitId: number, functionCode: number][] = [];
  const lines = await client.served("work", modbusTcp(), async (connection) => {
    for await (const request of connection) {
      const { unitId, functionCode, data } = request;
      requests.push([unitId, functionCode]);
      const length = 2 * data[3]!;
      await connection.send(
        functionCode === READ
          ? { ...request, data: Uint8Array.of(length, ...registers.subarray(0, length)) }
          : { ...request, functionCode: functionCode + 128, data: Uint8Array.of(1) },
      );
    }
  });
  assert.deepEqual(lines, [[...registers]]);
  assert.deepEqual(requests, [[17, READ], [17, WRITE_COIL]]);
});
