/** Requests and replies in JSON, many at a time: replies come in the order of the requests. */
import { connect, json, lengthPrefixed, serve, varint } from "@framewright/framewright";

type Request = { readonly add: readonly number[] };
type Reply = { readonly sum: number } | { readonly error: string };

const framer = lengthPrefixed(varint);
const server = await serve({ framer, codec: json() }, async (connection) => {
  for await (const request of connection) await connection.send(answer(request));
});

/** Types are believed, not checked: what comes from strangers must be. */
function answer(request: unknown): Reply {
  const { add } = Object(request) as Partial<Request>;
  if (!Array.isArray(add)) return { error: "nothing to add" };
  return { sum: add.reduce((sum, number) => sum + Number(number), 0) };
}

const connection = await connect({ ...server.address, framer, codec: json() });
async function ask(request: unknown): Promise<Reply> {
  await connection.send(request);
  return await connection.receive() as Reply; // who asked first is served first
}

console.log(await Promise.all([ask({ add: [1, 2] }), ask({ add: [] }), ask({ multiply: [3] })]));
await connection.close();
await server.close();
