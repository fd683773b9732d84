/** `rtsp` and `rfc4571` with servers and clients of GStreamer. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Connection, serve } from "../../mod.ts";
import { rfc4571, rtsp, type RtspMessage, type RtspPacket } from "../../protocols.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { connected, folder, live, next, port } from "../support/live_server.ts";
import { Program } from "../support/programs.ts";

const url = `rtsp://127.0.0.1:${port}/tone`;

/** Runs a program of the server's folder. */
function run(name: string, argument: string): Program {
  return new Program("bash", "-c", readFileSync(`${folder}/${name}`, "utf8"), argument);
}

/** Sends requests, and collects the packets that arrive before their responses. */
class Client {
  readonly packets: RtspPacket[] = [];
  readonly #connection: Connection<RtspMessage>;
  #last = 0;

  constructor(connection: Connection<RtspMessage>) {
    this.#connection = connection;
  }

  async request(method: string, target: string, fields: [string, string][] = []) {
    const headers: [string, string][] = [["CSeq", `${++this.#last}`], ...fields];
    await this.#connection.send({ type: "request", method, target, headers });
    for (;;) {
      const message = await next(this.#connection);
      if (message.type === "packet") {
        this.packets.push(message);
        continue;
      }
      assert.ok(message.type === "response");
      const values = new Headers(message.headers!.map(([name, value]) => [name, value]));
      assert.equal(values.get("CSeq"), `${this.#last}`);
      return { ...message, values };
    }
  }
}

test("rtsp() plays a tone of GStreamer, interleaved with responses", live, async () => {
  const connection = await connected(rtsp());
  const client = new Client(connection as Connection<RtspMessage>);
  const options = await client.request("OPTIONS", "*");
  assert.equal(options.status, 200);
  assert.match(options.values.get("Public")!, /GET_PARAMETER/);
  const missing = await client.request("DESCRIBE", `rtsp://127.0.0.1:${port}/none`);
  assert.equal(missing.status, 404);
  const { status, body, values } = await client.request("DESCRIBE", url, [
    ["Accept", "application/sdp"],
  ]);
  assert.deepEqual([status, values.get("Content-Type")], [200, "application/sdp"]);
  const control = /^m=audio[^]*^a=control:(\S+)/m.exec(latin1(body!))![1];
  const setup = await client.request("SETUP", `${url}/${control}`, [
    ["Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"],
  ]);
  assert.match(setup.values.get("Transport")!, /interleaved=0-1/);
  const [session] = setup.values.get("Session")!.split(";");
  const inSession: [string, string][] = [["Session", session!]];
  assert.equal((await client.request("PLAY", url, inSession)).status, 200);
  while (client.packets.length < 30) {
    assert.equal((await client.request("GET_PARAMETER", url, inSession)).status, 200);
    const message = await next(connection);
    assert.ok(message.type === "packet");
    client.packets.push(message);
  }
  // RTP of version 2 with payload type 8 on channel 0, RTCP on channel 1.
  const media = client.packets.filter(({ channel }) => channel === 0);
  for (const { data } of media) assert.deepEqual([data[0]! >> 6, data[1]! & 127], [2, 8]);
  const sequences = media.map(({ data }) => data[2]! * 256 + data[3]!);
  assert.deepEqual(sequences, sequences.map((_, index) => (sequences[0]! + index) % 65_536));
  assert.equal((await client.request("TEARDOWN", url, inSession)).status, 200);
  await connection.close();
});

const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=€",
  "c=IN IP4 0.0.0.0",
  "t=0 0",
  "m=audio 0 RTP/AVP 8",
  "a=rtpmap:8 PCMA/8000",
  "a=control:tone",
  "",
].join("\r\n");

test("rtsp() sends 500 packets to a client of GStreamer", live, async () => {
  const payloads = Array.from({ length: 500 }, (_, index) => `$\r\n${`${index}`.padStart(13)}`);
  const server = await serve({ port: 0, ...rtsp() }, async (connection) => {
    for await (const message of connection) {
      if (message.type !== "request") continue;
      const { method, headers } = message;
      const cseq = headers.find(([name]) => name.toLowerCase() === "cseq")!;
      const answer = { type: "response", status: 200, reason: "OK" } as const;
      const more: Record<string, [string, string][]> = {
        OPTIONS: [["Public", "DESCRIBE, SETUP, PLAY, TEARDOWN"]],
        DESCRIBE: [["Content-Type", "application/sdp"]],
        SETUP: [["Session", "1"], ["Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"]],
        PLAY: [["Session", "1"]],
      };
      const body = new TextEncoder().encode(method === "DESCRIBE" ? SDP : "");
      await connection.send({ ...answer, headers: [cseq, ...more[method] ?? []], body });
      if (method !== "PLAY") continue;
      for (let index = 0; index < 500; index++) {
        const time = index * 160;
        const header = [0x80, 8, index >> 8, index & 255, 0, 0, time >> 8, time & 255, 0, 0, 0, 1];
        const data = Uint8Array.from([...header, ...bytes(payloads[index]!)]);
        await connection.send({ type: "packet", channel: 0, data });
      }
    }
  });
  const client = run("watch", `rtsp://127.0.0.1:${server.address.port}/tone`);
  assert.equal(latin1(await client.read(8000)), payloads.join(""));
  await client.kill();
  await server.shutdown({ deadline: 0 }).catch(() => {});
});

test("rfc4571() exchanges 500 packets with GStreamer", live, async () => {
  // A pipeline sends a tone to one server, and another one plays it from a second server.
  const packets: Uint8Array[] = [];
  const recorder = await serve({ port: 0, ...rfc4571() }, async (connection) => {
    for await (const packet of connection) packets.push(packet.slice());
  });
  const tone = run("record", `${recorder.address.port}`);
  assert.equal(await tone.ended, 0);
  await recorder.shutdown();
  assert.ok(packets.length >= 100);
  for (const packet of packets) assert.deepEqual([packet[0]! >> 6, packet[1]! & 127], [2, 8]);
  const player = await serve({ port: 0, ...rfc4571() }, async (connection) => {
    for (const packet of packets) await connection.send(packet);
    await connection.closeWrite();
    await connection.receive();
  });
  const played = run("play", `${player.address.port}`);
  const payloads = packets.map((packet) => latin1(packet.subarray(12))).join("");
  assert.equal(payloads.length, 80_000);
  assert.equal(latin1(await played.rest()), payloads);
  await player.shutdown({ deadline: 0 }).catch(() => {});
});
