/** A program and its child exchange JSON over stdin and stdout, as clients and servers of MCP do. */
import process from "node:process";
import { json, lines, Requester, spawn, stdio } from "@framewright/framewright";

type Call = { id: number; method: string; params: number[] };
type Result = { id: number; result: number };

const run = "Deno" in globalThis ? ["run", "-A"] : [];

if (process.argv[2] === "server") {
  await using client = stdio<Call, Result>({ framer: lines(), codec: json() });
  for await (const { id, params } of client) {
    console.error(`server: call ${id}`); // stdout belongs to the protocol
    await client.send({ id, result: params.reduce((sum, each) => sum + each, 0) });
  }
} else {
  await using server = await spawn<Result, Call>({
    command: process.execPath,
    args: [...run, import.meta.filename!, "server"],
    framer: lines(),
    codec: json(),
    exitTimeout: 2000,
    onInvalid: () => console.error("client: ignored a line that is not JSON"),
  });
  const requester = new Requester<Call, Result>(server, { match: ({ id }) => id });
  const calls = [[1, 2, 3], [10, 20]].map((params, id) => ({ id, method: "add", params }));
  const results = await Promise.all(calls.map((call) => requester.request(call)));
  console.log(results.map(({ result }) => result));
  await server.close(); // ends its stdin; if it does not exit: SIGTERM, then SIGKILL
  console.log("exit code", (await server.exited).code);
}
