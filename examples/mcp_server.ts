/** An MCP server with one tool, over stdin and stdout. Logs go to stderr: stdout belongs to the protocol. */
import { stdio } from "@framewright/framewright";
import { JsonRpcError, jsonRpcLines, JsonRpcPeer } from "@framewright/framewright/protocols";

const tool = {
  name: "add",
  description: "Adds numbers",
  inputSchema: {
    type: "object",
    properties: { numbers: { type: "array", items: { type: "number" } } },
    required: ["numbers"],
  },
};

function call({ name, arguments: input }: { name: string; arguments: { numbers: number[] } }) {
  if (name !== tool.name) throw new JsonRpcError({ code: -32602, message: "Unknown tool" });
  const sum = input.numbers.reduce((sum, number) => sum + number, 0);
  return { content: [{ type: "text", text: `${sum}` }] };
}

await using connection = stdio({
  ...jsonRpcLines(),
  onInvalid: (error) => console.error(`server: ${error.message}`),
});
const peer = new JsonRpcPeer(connection, {
  cancellation: "notifications/cancelled",
  methods: {
    initialize: ({ protocolVersion }: { protocolVersion: string }) => ({
      protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "adder", version: "1.0.0" },
    }),
    ping: () => ({}),
    "tools/list": () => ({ tools: [tool] }),
    "tools/call": call,
  },
});
await peer.ended;
