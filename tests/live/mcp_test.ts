/** `jsonRpcLines` with MCP servers over stdin and stdout, and `sse` with one over HTTP. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn as start } from "node:child_process";
import { createServer } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { ConnectionError, readFrames, spawn } from "../../mod.ts";
import { jsonRpcLines, JsonRpcPeer, sse } from "../../protocols.ts";
import { sleep, within } from "../support/limits.ts";
import { npmProgram } from "../support/npm_program.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const everything = npmProgram(
  "@modelcontextprotocol/server-everything@2026.8.31",
  "mcp-server-everything",
);
const filesystem = npmProgram(
  "@modelcontextprotocol/server-filesystem@2026.8.31",
  "mcp-server-filesystem",
);
const skip = everything && filesystem ? "" : " (skipped: the MCP servers cannot be installed)";
const options = { ...within(60_000), skip: skip !== "" };

interface Content {
  readonly content: readonly { readonly type: string; readonly text?: string; data?: string }[];
}

const greeting = {
  protocolVersion: "2025-06-18",
  capabilities: { roots: {} },
  clientInfo: { name: "framewright", version: "0" },
};

/** Starts a server and greets it. */
async function connect(command: string, args: string[], roots: () => object[] = () => []) {
  const invalid: unknown[] = [];
  const server = await spawn({
    command,
    args,
    exitTimeout: 500,
    stderr: "ignore",
    ...jsonRpcLines(),
    onInvalid: (error) => invalid.push(error),
  });
  const peer = new JsonRpcPeer(server, {
    cancellation: "notifications/cancelled",
    methods: { "roots/list": () => ({ roots: roots() }), ping: () => ({}) },
  });
  await peer.request("initialize", greeting);
  await peer.notify("notifications/initialized");
  const call = (name: string, input: object, timeout = 30_000) =>
    peer.request<Content>("tools/call", { name, arguments: input }, { timeout });
  return { server, peer, call, invalid };
}

test(`jsonRpcLines() speaks with the MCP server "everything"${skip}`, options, async () => {
  const { server, peer, call, invalid } = await connect(everything!, ["stdio"]);
  const { tools } = await peer.request<{ tools: { name: string }[] }>("tools/list");
  assert.ok(tools.some(({ name }) => name === "echo"));
  const sums = Array.from({ length: 200 }, (_, a) => call("get-sum", { a, b: 1 }));
  for (const [a, { content }] of (await Promise.all(sums)).entries()) {
    assert.ok(content[0]!.text!.includes(`${a + 1}`), content[0]!.text);
  }
  const message = "€\n\u2028".repeat(200_000);
  assert.equal((await call("echo", { message })).content[0]!.text, `Echo: ${message}`);
  const image = (await call("get-tiny-image", {})).content.find(({ type }) => type === "image");
  assert.ok(image!.data!.startsWith("iVBORw0KGgo"));
  const slow = call("trigger-long-running-operation", { duration: 1, steps: 1 }, 10);
  await assert.rejects(slow, ConnectionError);
  assert.deepEqual(await peer.request("ping"), {});
  await server.close();
  assert.deepEqual(invalid, []);
});

test(
  `jsonRpcLines() writes and reads 2 MiB with the MCP server "filesystem"${skip}`,
  options,
  async () => {
    const folder = temporaryFolder();
    let asked = 0;
    const { server, call } = await connect(filesystem!, [folder], () => {
      asked++;
      return [{ uri: `file://${folder}`, name: "root" }];
    });
    const content = "0123456789abcdef".repeat(131_072);
    await call("write_file", { path: `${folder}/file`, content });
    assert.equal(
      (await call("read_text_file", { path: `${folder}/file` })).content[0]!.text,
      content,
    );
    await server.close();
    assert.ok(asked > 0, "the server has asked for the roots");
  },
);

test(`sse() reads the responses of an MCP server over HTTP${skip}`, options, async () => {
  const port = await freePort();
  const server = start(everything!, ["streamableHttp"], {
    stdio: "ignore",
    env: { ...process.env, PORT: `${port}` },
  });
  try {
    const response = await posted(port, server);
    assert.match(response.headers.get("content-type")!, /^text\/event-stream/);
    const events = [];
    for await (const event of readFrames(response.body!, sse())) {
      events.push(event);
      if (event.data) break;
    }
    const { event, data } = events.at(-1)!;
    assert.equal(event, "message");
    assert.equal(JSON.parse(data!).result.protocolVersion, greeting.protocolVersion);
  } finally {
    server.kill("SIGKILL");
  }
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Posts the greeting, once the server listens. */
async function posted(port: number, server: ChildProcess): Promise<Response> {
  for (let attempt = 0; attempt < 100 && server.exitCode === null; attempt++) {
    try {
      return await fetch(`http://127.0.0.1:${port}/mcp`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: greeting }),
      });
    } catch {
      await sleep(100);
    }
  }
  throw new Error("the server does not listen");
}
