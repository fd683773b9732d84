/** Protocols with the npm packages that encode them. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type Protocol, serve, type Server } from "../../mod.ts";
import { cobs, docker, slip } from "../../protocols.ts";
import { bytes, numbered } from "../support/bytes.ts";
import { NodePackage } from "../support/node_peer.ts";

const cobsPackage = new NodePackage("cobs@0.2.1");
const slipPackage = new NodePackage("slip@1.0.2");
const dockerModem = new NodePackage("docker-modem@5.0.7");
const servers = new Set<Server>();

after(async () => {
  for (const one of [cobsPackage, slipPackage, dockerModem]) one.end();
  for (const server of servers) await server.shutdown({ deadline: 0 }).catch(() => {});
});

/** Sends back each message. Returns the port. */
async function echo(protocol: Protocol<Uint8Array>): Promise<number> {
  const server = await serve({ port: 0, ...protocol }, async (connection) => {
    for await (const message of connection) await connection.send(message);
  });
  servers.add(server);
  return server.address.port;
}

/** Packets of all lengths up to 600 bytes, of zeros, of special bytes, and without them. */
const PACKETS = `
  const assert = require("node:assert");
  const packets = [];
  for (let size = 1; size <= 600; size++) {
    packets.push(Buffer.alloc(size, size), Buffer.from(Array.from({ length: size }, (_, at) => at * size & 255)));
    packets.push(Buffer.from(Array.from({ length: size }, (_, at) => [0, 192, 219, 220, 221, 1, 255][at * size % 7])));
  }
`;

test(...cobsPackage.unless("cobs() echoes 1,800 packets of cobs"), async () => {
  const peer = cobsPackage.start(`${PACKETS}
    const cobs = require("cobs");
    const socket = require("net").connect(${await echo(cobs())}, "127.0.0.1", () => {
      for (const packet of packets) socket.write(Buffer.concat([cobs.encode(packet), Buffer.of(0)]));
    });
    let rest = Buffer.alloc(0);
    let count = 0;
    socket.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
        assert.ok(cobs.decode(rest.subarray(0, end)).equals(packets[count++]));
        if (count === packets.length) say(count);
      }
    });
  `);
  assert.equal(await peer.next(), 1800);
});

test(...slipPackage.unless("slip() echoes 1,800 packets of slip"), async () => {
  const peer = slipPackage.start(`${PACKETS}
    const slip = require("slip");
    const socket = require("net").connect(${await echo(slip())}, "127.0.0.1", () => {
      for (const packet of packets) socket.write(slip.encode(packet));
    });
    let count = 0;
    const decoder = new slip.Decoder({ onMessage(packet) {
      assert.ok(packets[count++].equals(packet));
      if (count === packets.length) say(count);
    } });
    socket.on("data", (chunk) => decoder.decode(chunk));
  `);
  assert.equal(await peer.next(), 1800);
});

test(...dockerModem.unless("docker() is demultiplexed by docker-modem"), async () => {
  const server = await serve({ port: 0, ...docker() }, async (connection) => {
    for (let index = 0; index < 1000; index++) {
      const stream = index % 3 === 0 ? "stderr" : "stdout";
      await connection.send({ stream, data: bytes(`${index}\n`) });
    }
    await connection.send({ stream: "stdout", data: numbered(1_000_000) });
  });
  servers.add(server);
  const peer = dockerModem.start(`
    const Modem = require("docker-modem");
    const { PassThrough } = require("stream");
    const socket = require("net").connect(${server.address.port}, "127.0.0.1");
    const outputs = [new PassThrough(), new PassThrough()];
    new Modem().demuxStream(socket, ...outputs);
    const texts = ["", ""];
    for (const [index, output] of outputs.entries()) {
      output.setEncoding("latin1").on("data", (text) => texts[index] += text);
    }
    socket.on("end", () => setImmediate(() => say([texts[0].length, texts[1]])));
  `);
  const numbers = Array.from({ length: 1000 }, (_, index) => `${index}\n`);
  const errors = numbers.filter((_, index) => index % 3 === 0).join("");
  const length = numbers.join("").length - errors.length + 1_000_000;
  assert.deepEqual(await peer.next(), [length, errors]);
});
