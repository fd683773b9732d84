/** `docker` and `dockerStreams` with Podman, which has the interface of Docker. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric, untilClose } from "../../mod.ts";
import { docker, dockerStreams, http1 } from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { within } from "../support/limits.ts";
import { connected, next, port } from "../support/live_server.ts";

const live = within(60_000);
const origin = `http://127.0.0.1:${port}`;
const decoder = new TextDecoder();

/** Posts JSON, and returns the response, whose status has to be this one. */
async function post(path: string, status: number, body?: object): Promise<Response> {
  const response = await fetch(`${origin}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  assert.equal(response.status, status, path);
  return response;
}

/** Creates a container that runs a script of the shell, and returns the path of its resource. */
async function container(script: string): Promise<string> {
  const image = { Image: "box", Cmd: ["/bin/sh", "-c", script], OpenStdin: true, StdinOnce: true };
  const { Id } = await (await post("/v1.41/containers/create", 201, image)).json() as {
    Id: string;
  };
  return `/v1.41/containers/${Id}`;
}

async function remove(path: string): Promise<void> {
  await (await post(`${path}/wait`, 200)).text();
  const response = await fetch(`${origin}${path}`, { method: "DELETE" });
  await response.body?.cancel();
}

test("dockerStreams() reads the logs of a container of Podman", live, async () => {
  const lines = "while [ $i -lt 1000 ]; do i=$((i + 1)); echo out € $i; echo err $i >&2; done";
  const path = await container(`i=0; ${lines}; head -c 300000 /dev/zero | tr '\\0' x`);
  await post(`${path}/start`, 204);
  const response = await fetch(`${origin}${path}/logs?stdout=1&stderr=1&follow=1`);
  const { stdout, stderr } = dockerStreams(response.body!);
  const [out, err] = await Promise.all([stdout, stderr].map((stream) => Array.fromAsync(stream)));
  const numbers = Array.from({ length: 1000 }, (_, index) => index + 1);
  const expected = numbers.map((number) => `out € ${number}\n`).join("") + "x".repeat(300_000);
  assert.equal(decoder.decode(concat(out!)), expected);
  assert.equal(latin1(concat(err!)), numbers.map((number) => `err ${number}\n`).join(""));
  await remove(path);
});

test("docker() attaches to a container of Podman", live, async () => {
  const path = await container("cat | tee /dev/stderr; echo end");
  const connection = await connected(http1());
  await connection.send({
    method: "POST",
    target: `${path}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
    headers: [["Host", "localhost"], ["Connection", "Upgrade"], ["Upgrade", "tcp"]],
  });
  assert.equal((await next(connection)).status, 101);
  // Only what the container writes has frames.
  const attached = connection.switchTo(asymmetric({ read: docker(), write: untilClose() }));
  await post(`${path}/start`, 204);
  const input = concat([bytes("hello\n"), numbered(2 ** 20)]);
  const sending = (async () => {
    for (let at = 0; at < input.length; at += 100_000) {
      await attached.send(input.subarray(at, at + 100_000));
    }
    await attached.closeWrite();
  })();
  const received: Record<string, Uint8Array[]> = { stdout: [], stderr: [] };
  for await (const { stream, data } of attached) received[stream]!.push(data);
  await sending;
  assert.deepEqual(concat(received["stdout"]!), concat([input, bytes("end\n")]));
  assert.deepEqual(concat(received["stderr"]!), input);
  await attached.close();
  await remove(path);
});
