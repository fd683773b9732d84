/** Concurrent requests in JSON: replies are matched by id, so a slow one does not delay the others. */
import { connect, json, lengthPrefixed, Requester, serve, varint } from "@framewright/framewright";

type Message = { readonly id: number; readonly add?: readonly number[]; readonly sum?: number };

const protocol = { framer: lengthPrefixed(varint), codec: json<Message>() };
const server = await serve(protocol, async (connection) => {
  for await (const { id, add = [] } of connection) {
    // Longer sums take longer, but do not delay the replies to other requests.
    setTimeout(() => {
      connection.send({ id, sum: add.reduce((sum, number) => sum + number, 0) }).catch(() => {});
    }, add.length);
  }
});

const connection = await connect({ ...server.address, ...protocol });
const requester = new Requester(connection, { match: ({ id }) => id });
let requests = 0;
async function sum(...add: number[]): Promise<number | undefined> {
  return (await requester.request({ id: ++requests, add }, { timeout: 5_000 })).sum;
}

console.log(await Promise.all([sum(1, 2, 3, 4, 5), sum(), sum(20, 22)]));
await connection.close();
await server.close();
