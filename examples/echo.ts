/** An echo server and a client that sends it lines: lines arrive whole, however TCP splits them. */
import { connect, lines, serve, text } from "@framewright/framewright";

const protocol = { framer: lines(), codec: text() };

const server = await serve(protocol, async (connection) => {
  for await (const line of connection) await connection.send(line);
});

const connection = await connect({ ...server.address, ...protocol });
for (const line of ["one", "", "three"]) await connection.send(line);
await connection.closeWrite(); // ends sending; receiving continues
for await (const line of connection) console.log(`received: ${JSON.stringify(line)}`);

await server.close();
