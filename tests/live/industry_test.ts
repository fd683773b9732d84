/** Protocols of industry, banks and hospitals with npm packages, as clients and as servers. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connect, Requester, serve, type Server } from "../../mod.ts";
import { iso8583, mllp, modbusTcp, type ModbusTcpMessage, tpkt } from "../../protocols.ts";
import { bytes, hex, numbered } from "../support/bytes.ts";
import { NodePackage } from "../support/node_peer.ts";

const jsmodbus = new NodePackage("jsmodbus@5.0.0");
const modbusSerial = new NodePackage("modbus-serial@8.0.25");
const hl7 = new NodePackage("node-hl7-server@2.5.0");
const isoOnTcp = new NodePackage("iso-on-tcp@0.1.0");
const cards = new NodePackage("iso_8583@2.6.7");
const servers = new Set<Server>();

after(async () => {
  for (const peers of [jsmodbus, modbusSerial, hl7, isoOnTcp, cards]) peers.end();
  for (const server of servers) await server.shutdown({ deadline: 0 }).catch(() => {});
});

/** Returns the data of a request: 16-bit integers, and bytes. */
function fields(...values: (number | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap((value) => typeof value === "number" ? [value >> 8, value & 255] : [...value]),
  );
}

test(...jsmodbus.unless("modbusTcp() pipelines 1,000 requests to jsmodbus"), async () => {
  const peer = jsmodbus.start(`
    const modbus = require("jsmodbus");
    const server = require("net").createServer();
    new modbus.server.TCP(server, { holding: Buffer.alloc(1000) });
    server.listen(0, "127.0.0.1", () => say(server.address().port));
  `);
  const connection = await connect({ port: await peer.next() as number, ...modbusTcp() });
  const requester = new Requester(connection, {
    match: ({ transactionId }: ModbusTcpMessage) => transactionId,
  });
  let last = 0;
  const call = (functionCode: number, data: Uint8Array) =>
    requester.request({ transactionId: ++last, unitId: 255, functionCode, data });
  const content = numbered(246);
  const written = await call(16, fields(0, 123, Uint8Array.of(246), content));
  assert.deepEqual([written.functionCode, written.data], [16, fields(0, 123)]);
  const replies = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => call(3, fields(index % 120, 3))),
  );
  for (const [index, { data }] of replies.entries()) {
    const at = 2 * (index % 120);
    assert.deepEqual(data, Uint8Array.of(6, ...content.subarray(at, at + 6)));
  }
  const all = await call(3, fields(0, 125));
  assert.equal(all.data.length, 251);
  await connection.close();
});

test(...modbusSerial.unless("modbusTcp() answers modbus-serial"), async () => {
  const registers = numbered(250);
  const requests: ModbusTcpMessage[] = [];
  const server = await serve({ port: 0, ...modbusTcp() }, async (connection) => {
    for await (const request of connection) {
      requests.push(request);
      const { functionCode, data } = request;
      if (functionCode === 3) {
        const size = 2 * data[3]!;
        await connection.send({
          ...request,
          data: Uint8Array.of(size, ...registers.subarray(0, size)),
        });
      } else {
        await connection.send({ ...request, functionCode: functionCode + 128, data: hex("01") });
      }
    }
  });
  servers.add(server);
  const peer = modbusSerial.start(`
    const Client = require("modbus-serial");
    const client = new Client();
    (async () => {
      await client.connectTCP("127.0.0.1", { port: ${server.address.port} });
      client.setID(17);
      say([...(await client.readHoldingRegisters(0, 125)).buffer]);
      say(await client.writeCoil(1, true).catch((error) => error.modbusCode));
      client.close(() => process.exit());
    })();
  `);
  assert.deepEqual(await peer.next(), [...registers]);
  assert.equal(await peer.next(), 1);
  await peer.ended;
  assert.deepEqual(requests.map(({ unitId, functionCode }) => [unitId, functionCode]), [
    [17, 3],
    [17, 5],
  ]);
});

const HL7 = "MSH|^~\\&|A|B|C|D|20260101000000||ADT^A01^ADT_A01|ID|P|2.7\r";

test(...hl7.unless("mllp() gets node-hl7-server's acknowledgement of 3 messages"), async () => {
  const peer = hl7.start(`
    const { Server } = require("node-hl7-server");
    const server = new Server({ bindAddress: "127.0.0.1" });
    const listener = require("net").createServer().listen(0, "127.0.0.1", () => {
      const { port } = listener.address();
      listener.close(() => {
        const inbound = server.createInbound({ port }, async (request, response) => {
          const message = request.getMessage();
          say(message.toString());
          await response.sendResponse("AA");
        });
        inbound.on("listen", () => say(port));
      });
    });
  `);
  const port = await peer.next() as number;
  const note = "x".repeat(100_000);
  for (const id of ["1", "2", "€"]) {
    const connection = await connect({ port, ...mllp() });
    const message = new TextEncoder().encode(`${HL7.replace("ID", id)}NTE|1||${note}\r`);
    await connection.send(message);
    assert.equal(await peer.next(), new TextDecoder().decode(message).replace(/\r$/, ""));
    const answer = new TextDecoder().decode(await connection.receive());
    assert.match(answer, /^MSH\|/);
    assert.ok(answer.includes(`\rMSA|AA|${id}`), answer);
    await connection.close();
  }
});

test(...hl7.unless("mllp() acknowledges messages of node-hl7-client"), async () => {
  const received: string[] = [];
  const server = await serve({ port: 0, ...mllp() }, async (connection) => {
    for await (const message of connection) {
      const text = new TextDecoder().decode(message);
      received.push(text);
      const [, id] = /\|([^|]*)\|P\|/.exec(text)!;
      await connection.send(bytes(`${HL7.replace("ADT^A01^ADT_A01", "ACK")}MSA|AA|${id}\r`));
    }
  });
  servers.add(server);
  const peer = hl7.start(`
    const { Client, Message } = require("node-hl7-client");
    const client = new Client({ host: "127.0.0.1" });
    let id = 0;
    const outbound = client.createConnection({ port: ${server.address.port} }, async (response) => {
      say(response.getMessage().get("MSA.1").toString());
      if (id < 10) send();
    });
    const send = () => outbound.sendMessage(new Message({
      messageHeader: {
        msh_9_1: "ADT", msh_9_2: "A01", msh_9_3: "ADT_A01", msh_10: "ID" + id++, msh_11_1: "P",
      },
    }));
    send();
  `);
  for (let id = 0; id < 10; id++) assert.equal(await peer.next(), "AA");
  peer.kill();
  assert.deepEqual(
    received.map((message) => /\|(ID\d)\|/.exec(message)?.[1]),
    Array.from({ length: 10 }, (_, id) => `ID${id}`),
  );
});

test(...isoOnTcp.unless("tpkt() exchanges 1,000 packets with iso-on-tcp"), async () => {
  const server = await serve({ port: 0, ...tpkt() }, async (connection) => {
    for await (const tpdu of connection) {
      // A connection request is confirmed; data is sent back.
      if (tpdu[1] !== 0xe0) await connection.send(tpdu);
      else {
        const confirm = tpdu.slice();
        confirm.set([0xd0, tpdu[4]!, tpdu[5]!, 0, 1], 1);
        await connection.send(confirm);
      }
    }
  });
  servers.add(server);
  const peer = isoOnTcp.start(`
    const { createConnection } = require("iso-on-tcp");
    const options = { host: "127.0.0.1", port: ${server.address.port}, tpduSize: 1024, forceClose: true };
    const client = createConnection(options, () => {
      let count = 0;
      let sum = 0;
      client.on("data", (data) => {
        sum += data.length;
        if (++count === 1000) say([count, sum]);
      });
      for (let size = 1; size <= 1000; size++) client.write(Buffer.alloc(size, size));
    });
    client.on("error", (error) => say(error.message));
  `);
  assert.deepEqual(await peer.next(), [1000, 500_500]);
});

test(...cards.unless("iso8583() exchanges messages with iso_8583"), async () => {
  const server = await serve({ port: 0, ...iso8583() }, async (connection) => {
    for await (const message of connection) await connection.send(message);
  });
  servers.add(server);
  const peer = cards.start(`
    const Message = require("iso_8583");
    const fields = { 0: "0800", 7: "0911131411", 11: "000001", 70: "301" };
    const built = new Message(fields).getBufferMessage();
    const socket = require("net").connect(${server.address.port}, "127.0.0.1", () => {
      for (const byte of built) socket.write(Buffer.of(byte));
      socket.write(Buffer.concat([built, built]));
    });
    let input = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      input = Buffer.concat([input, chunk]);
      if (input.length === 3 * built.length) {
        say(new Message().getIsoJSON(input.subarray(0, built.length)));
        say(input.equals(Buffer.concat([built, built, built])));
        say(built.toString("latin1"));
      }
    });
  `);
  const parsed = await peer.next() as Record<string, string>;
  assert.equal(parsed["0"], "0800");
  assert.equal(parsed["70"], "301");
  assert.equal(await peer.next(), true);
  const built = await peer.next() as string;
  assert.match(built.slice(2), /^0800/);
  assert.equal(built.charCodeAt(0) * 256 + built.charCodeAt(1), built.length - 2);
});
