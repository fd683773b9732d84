// Iteration and disposal.
// Compiled against the package by scripts/test_npm.ts, but never run.

import { connect, type Connection, listen, readFrames, serve } from "../../mod.ts";
import { json, lines } from "../../mod.ts";

const numbers = { framer: lines(), codec: json<number>() };

export async function iterate(connection: Connection<number>): Promise<number | undefined> {
  for await (const message of connection) sum(message);
  for await (const batch of connection.batches()) batch.forEach(sum);
  for await (const message of readFrames(connection.readable.pipeThrough(bytes()), numbers)) {
    sum(message);
  }
  const { done, value } = await connection.next();
  if (!done) sum(value);
  const iterator: AsyncIterableIterator<number> = connection;
  const batches: AsyncIterable<number[]> = connection.batches();
  const received: number | undefined = await connection.receive();
  void [iterator, batches];
  return received;
}

export async function dispose(): Promise<void> {
  await using server = await serve(numbers, async (connection) => {
    for await (const message of connection) await connection.send(message + 1);
  });
  await using connection = await connect({ ...server.address, ...numbers });
  await connection.send(1);
  await using listener = await listen(numbers);
  for await (const accepted of listener) accepted.abort();
}

declare function sum(message: number): void;
declare function bytes(): TransformStream<number, Uint8Array>;
