/**
 * An LSP client. It starts a language server, opens a document and prints its diagnostics:
 * `lsp_client.ts vscode-json-language-server --stdio`; without arguments it starts a server of its own.
 */
import process from "node:process";
import { spawn, stdio } from "@framewright/framewright";
import { jsonRpc, JsonRpcPeer } from "@framewright/framewright/protocols";

type Opened = { textDocument: { uri: string; text: string } };
type Diagnostics = { uri: string; diagnostics: { message: string }[] };
const cancellation = "$/cancelRequest";

/** A language server that reports every empty line. */
async function serve(): Promise<void> {
  await using connection = stdio(jsonRpc());
  const peer: JsonRpcPeer = new JsonRpcPeer(connection, {
    cancellation,
    methods: {
      initialize: () => ({ capabilities: { textDocumentSync: 1 } }),
      shutdown: () => null,
      exit: () => connection.close(),
      "textDocument/didOpen": ({ textDocument: { uri, text } }: Opened) => {
        const empty = text.split("\n").map((line, index) => line === "" ? index + 1 : 0);
        const diagnostics = empty.filter(Boolean).map((n) => ({ message: `Line ${n} is empty` }));
        return peer.notify("textDocument/publishDiagnostics", { uri, diagnostics });
      },
    },
  });
  await peer.ended;
}

async function diagnose(command: string, args: string[]): Promise<void> {
  await using server = await spawn({ command, args, ...jsonRpc() });
  let publish = (_: Diagnostics) => {};
  const published = new Promise<Diagnostics>((resolve) => publish = resolve);
  const methods = {
    "textDocument/publishDiagnostics": publish,
    "window/logMessage": console.error,
  };
  const peer = new JsonRpcPeer(server, { cancellation, methods });
  const options = { processId: null, rootUri: null, capabilities: {} };
  await peer.request("initialize", options, { timeout: 30_000 });
  await peer.notify("initialized", {});
  const textDocument = {
    uri: "file:///a.json",
    languageId: "json",
    version: 1,
    text: '{"a":\n\n}',
  };
  await peer.notify("textDocument/didOpen", { textDocument });
  for (const { message } of (await published).diagnostics) console.log(message);
  await peer.request("shutdown");
  await peer.notify("exit");
  console.log("exit code", (await server.exited).code);
}

const run = "Deno" in globalThis ? ["run", "-A"] : [];
const own = [process.execPath, ...run, import.meta.filename!, "serve"];
const [command, ...args] = process.argv.length > 2 ? process.argv.slice(2) : own;
await (command === "serve" ? serve() : diagnose(command!, args));
