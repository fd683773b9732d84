/** Protocols with the npm packages that encode them. */

import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { after, test } from "node:test";
import {
  type ByteSource,
  FrameEncoder,
  type Protocol,
  readFrames,
  serve,
  type Server,
} from "../../mod.ts";
import { cobs, connectRpc, docker, grpc, grpcWeb, protobuf, slip } from "../../protocols.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { NodePackage } from "../support/node_peer.ts";

const cobsPackage = new NodePackage("cobs@0.2.1");
const slipPackage = new NodePackage("slip@1.0.2");
const dockerModem = new NodePackage("docker-modem@5.0.7");
const protobufJs = new NodePackage("protobufjs@8.8.1");
const connectNode = new NodePackage("@connectrpc/connect-node@2.3.0");
const grpcJs = new NodePackage("@grpc/grpc-js@1.14.7");
const servers = new Set<Server>();

after(async () => {
  for (const one of [cobsPackage, slipPackage, dockerModem, protobufJs, grpcJs, connectNode]) {
    one.end();
  }
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

test(...protobufJs.unless("protobuf() echoes 1,000 delimited messages of protobufjs"), async () => {
  const peer = protobufJs.start(`
    const assert = require("node:assert");
    const { parse } = require("protobufjs");
    const { root } = parse('syntax = "proto3"; message M { uint32 id = 1; string text = 2; }');
    const M = root.lookupType("M");
    const messages = [];
    for (let id = 0; id < 1000; id++) messages.push({ id, text: "€".repeat(id % 100) });
    messages.push({ id: 1, text: "x".repeat(3_000_000) });
    const expected = Buffer.concat(messages.map((message) => M.encodeDelimited(message).finish()));
    const socket = require("net").connect(${await echo(protobuf())}, "127.0.0.1", () => {
      socket.write(expected);
    });
    const chunks = [];
    let length = 0;
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < expected.length) return;
      const { Reader } = require("protobufjs");
      const reader = Reader.create(Buffer.concat(chunks));
      for (const { id, text } of messages) {
        const message = M.decodeDelimited(reader);
        assert.ok(message.id === id && message.text === text);
      }
      say(messages.length);
    });
  `);
  assert.equal(await peer.next(), 1001);
});

test(...grpcJs.unless("grpc() streams 1,000 messages to grpc-js and back"), async () => {
  const peer = grpcJs.start(`
    const { Server, ServerCredentials } = require("@grpc/grpc-js");
    const server = new Server();
    const same = (value) => value;
    const Echo = {
      path: "/test.Test/Echo", requestStream: true, responseStream: true,
      requestSerialize: same, requestDeserialize: same,
      responseSerialize: same, responseDeserialize: same,
    };
    server.addService({ Echo }, {
      Echo(call) {
        call.on("data", (message) => call.write(message));
        call.on("end", () => call.end());
      },
    });
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => say(port));
  `);
  const session = connectHttp2(`http://127.0.0.1:${await peer.next()}`);
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": "/test.Test/Echo",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const encoder = new FrameEncoder(grpc());
    const messages = Array.from({ length: 1000 }, (_, index) => numbered(index));
    messages.push(numbered(2_000_000));
    for (const data of messages) encoder.write({ data });
    for (const chunk of encoder.drain()) stream.write(chunk);
    stream.end();
    let count = 0;
    for await (const { compressed, data } of readFrames(stream as ByteSource, grpc())) {
      assert.equal(compressed, false);
      assert.equal(latin1(data), latin1(messages[count++]!));
    }
    assert.equal(count, messages.length);
  } finally {
    session.destroy();
  }
});

test(
  ...connectNode.unless("connectRpc() and grpcWeb() read 1,000 messages of connect-node"),
  async () => {
    const peer = connectNode.start(`
    const { connectNodeAdapter } = require("@connectrpc/connect-node");
    const { create, createFileRegistry } = require("@bufbuild/protobuf");
    const { FileDescriptorProtoSchema, file_google_protobuf_wrappers } = require("@bufbuild/protobuf/wkt");
    const type = ".google.protobuf.StringValue";
    const method = { name: "Repeat", inputType: type, outputType: type, serverStreaming: true };
    const file = create(FileDescriptorProtoSchema, {
      name: "test.proto", package: "test", syntax: "proto3",
      dependency: ["google/protobuf/wrappers.proto"], service: [{ name: "Test", method: [method] }],
    });
    const registry = createFileRegistry(file, () => file_google_protobuf_wrappers.proto);
    const routes = (router) => router.service(registry.getService("test.Test"), {
      async *repeat({ value }) {
        for (let index = 0; index < 1000; index++) yield { value };
        throw new Error();
      },
    });
    const server = require("http").createServer(connectNodeAdapter({ routes }));
    server.listen(0, "127.0.0.1", () => say(server.address().port));
  `);
    const url = `http://127.0.0.1:${await peer.next()}/test.Test/Repeat`;
    const data = bytes("\x0a\x06repeat");
    const call = async <Message extends { readonly data: Uint8Array }>(
      protocol: Protocol<Message>,
      message: Message,
      type: string,
    ) => {
      const encoder = new FrameEncoder(protocol);
      encoder.write(message);
      const [body] = encoder.drain() as Uint8Array<ArrayBuffer>[];
      const headers = { "content-type": type };
      const response = await fetch(url, { method: "POST", headers, body: body! });
      assert.equal(response.status, 200);
      const messages: Message[] = [];
      for await (const one of readFrames(response, protocol)) messages.push(one);
      return messages;
    };
    const web = await call(grpcWeb(), { data }, "application/grpc-web+proto");
    const trailers = web.pop()!;
    assert.equal(trailers.trailers, true);
    assert.match(latin1(trailers.data), /^grpc-status: ?13\r\n/m);
    assert.deepEqual(web, Array(1000).fill({ trailers: false, compressed: false, data }));
    const connect = await call(connectRpc(), { data }, "application/connect+proto");
    const end = connect.pop()!;
    assert.equal(end.endStream, true);
    assert.equal(JSON.parse(latin1(end.data)).error.code, "internal");
    assert.deepEqual(connect, Array(1000).fill({ endStream: false, compressed: false, data }));
  },
);
