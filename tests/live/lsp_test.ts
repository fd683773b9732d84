/** `jsonRpc` with the JSON language server of VS Code, over stdin and stdout. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChildConnection, spawn } from "../../mod.ts";
import { jsonRpc, JsonRpcError, type JsonRpcMessage, JsonRpcPeer } from "../../protocols.ts";
import { within } from "../support/limits.ts";
import { npmProgram } from "../support/npm_program.ts";
import { settled } from "../support/pairs.ts";

const program = npmProgram("vscode-langservers-extracted@4.10.0", "vscode-json-language-server");
const skip = program === undefined ? " (skipped: the language server cannot be installed)" : "";
const options = { ...within(60_000), skip: skip !== "" };

interface Diagnostics {
  readonly uri: string;
  readonly diagnostics: readonly { readonly message: string }[];
}

/** Starts the server, and opens a document. */
async function open(text: string): Promise<{
  readonly server: ChildConnection<JsonRpcMessage>;
  readonly peer: JsonRpcPeer;
  readonly published: Promise<Diagnostics>;
  readonly uri: string;
}> {
  const server = await spawn({ command: program!, args: ["--stdio"], ...jsonRpc() });
  const { promise: published, resolve } = settled<Diagnostics>();
  const peer = new JsonRpcPeer(server, {
    cancellation: "$/cancelRequest",
    methods: {
      "textDocument/publishDiagnostics": resolve,
      "workspace/configuration": ({ items }: { items: unknown[] }) => items.map(() => null),
      "client/registerCapability": () => null,
    },
  });
  const workspace = { configuration: true };
  const capabilities = { workspace, textDocument: { formatting: {} } };
  const parameters = { processId: null, rootUri: null, capabilities };
  const { capabilities: offered } = await peer.request<{ capabilities: object }>(
    "initialize",
    parameters,
  );
  assert.ok("hoverProvider" in offered);
  await peer.notify("initialized", {});
  const uri = "file:///document.json";
  const textDocument = { uri, languageId: "json", version: 1, text };
  await peer.notify("textDocument/didOpen", { textDocument });
  return { server, peer, published, uri };
}

async function exit(server: ChildConnection<JsonRpcMessage>, peer: JsonRpcPeer): Promise<void> {
  assert.equal(await peer.request("shutdown"), null);
  await peer.notify("exit");
  assert.deepEqual(await server.exited, { code: 0, signal: undefined });
  await server.close();
}

test(`jsonRpc() speaks with the JSON language server${skip}`, options, async () => {
  const { server, peer, published, uri } = await open('{"a": 1,\n "€": }');
  const { diagnostics, uri: diagnosed } = await published;
  assert.equal(diagnosed, uri);
  assert.deepEqual(diagnostics.map(({ message }) => message), ["Value expected"]);
  const position = { line: 0, character: 2 };
  const hovers = Array.from(
    { length: 300 },
    () => peer.request("textDocument/hover", { textDocument: { uri }, position }),
  );
  assert.equal((await Promise.all(hovers)).length, 300);
  await assert.rejects(peer.request("no/such/method"), (error) => {
    assert.ok(error instanceof JsonRpcError);
    assert.equal(error.code, -32601);
    return true;
  });
  await exit(server, peer);
});

test(
  `jsonRpc() exchanges a document of 2 MiB with the JSON language server${skip}`,
  options,
  async () => {
    const text = JSON.stringify(Array.from({ length: 200_000 }, (_, index) => `€ ${index}`));
    const { server, peer, uri } = await open(text);
    const format = { tabSize: 2, insertSpaces: true };
    const edits = await peer.request<{ newText: string }[]>("textDocument/formatting", {
      textDocument: { uri },
      options: format,
    });
    assert.ok(edits.length >= 1);
    await exit(server, peer);
  },
);

test(`JsonRpcPeer cancels a request of the JSON language server${skip}`, options, async () => {
  const { server, peer, uri } = await open("[1]");
  const controller = new AbortController();
  const parameters = { textDocument: { uri }, position: { line: 0, character: 1 } };
  const aborted = peer.request("textDocument/hover", parameters, { signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted, { name: "AbortError" });
  await exit(server, peer);
});
