/**
 * An MCP client. It starts a server and lists its tools: `mcp_client.ts npx some-mcp-server`; without
 * arguments it starts mcp_server.ts.
 */
import process from "node:process";
import { spawn } from "@framewright/framewright";
import { jsonRpcLines, JsonRpcPeer } from "@framewright/framewright/protocols";

const run = "Deno" in globalThis ? ["run", "-A"] : [];
const own = [process.execPath, ...run, `${import.meta.dirname}/mcp_server.ts`];
const [command, ...args] = process.argv.length > 2 ? process.argv.slice(2) : own;

await using server = await spawn({
  command: command!,
  args,
  ...jsonRpcLines(),
  onInvalid: (error) => console.error(`client: skipped a line: ${error.message}`),
});
const peer = new JsonRpcPeer(server, {
  cancellation: "notifications/cancelled",
  methods: { ping: () => ({}), "roots/list": () => ({ roots: [] }) },
});

const { serverInfo } = await peer.request<{ serverInfo: { name: string } }>("initialize", {
  protocolVersion: "2025-06-18",
  capabilities: { roots: {} },
  clientInfo: { name: "example", version: "1.0.0" },
}, { timeout: 30_000 });
await peer.notify("notifications/initialized");
console.log("connected to", serverInfo.name);

const { tools } = await peer.request<{ tools: { name: string }[] }>("tools/list");
console.log("tools:", tools.map(({ name }) => name).join(", "));
if (tools.some(({ name }) => name === "add")) {
  const sum = { name: "add", arguments: { numbers: [1, 2, 39] } };
  const { content } = await peer.request<{ content: { text: string }[] }>("tools/call", sum);
  console.log("1 + 2 + 39 =", content[0]?.text);
}
await server.close();
console.log("exit code", (await server.exited).code);
