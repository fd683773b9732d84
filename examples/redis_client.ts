/**
 * A Redis client. It sends all commands at once, and prints the replies in their order:
 * `redis_client.ts [HOST [PORT [COMMAND...]]]`, with commands such as "SET greeting hello" and "GET greeting".
 */
import process from "node:process";
import { connect, Requester } from "@framewright/framewright";
import { resp, type RespCommand, type RespValue } from "@framewright/framewright/protocols";

const [hostname = "127.0.0.1", port = "6379", ...given] = process.argv.slice(2);
const commands = given.length > 0 ? given : ["PING", "INCR visits", "MGET one two"];

const connection = await connect({ hostname, port: Number(port), ...resp() });
const requester = new Requester(connection);

/** Sends a command and returns its reply, which arrives in the order of the commands. */
async function call(...command: RespCommand): Promise<RespValue> {
  const reply = await requester.request(command, { timeout: 5_000 });
  if (isObject(reply) && reply.type === "error") throw new Error(reply.message);
  return reply;
}

function isObject(value: RespValue): value is Extract<RespValue, { readonly type: string }> {
  return typeof value === "object" && value !== null && "type" in value;
}

/** Returns a value as text: bulk strings are bytes, which here are text. */
function show(value: RespValue): string {
  if (value instanceof Uint8Array) return JSON.stringify(new TextDecoder().decode(value));
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  return isObject(value) ? value.type : `${value}`;
}

const replies = await Promise.allSettled(commands.map((command) => call(...command.split(" "))));
for (const [index, reply] of replies.entries()) {
  const result = reply.status === "fulfilled" ? show(reply.value) : reply.reason.message;
  console.log(`${commands[index]}: ${result}`);
}
await connection.close();
