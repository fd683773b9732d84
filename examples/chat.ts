/** A chat room: each guest sends a name, then lines, which are sent to all other guests. */
import { connect, type Connection, lines, serve, text } from "@framewright/framewright";

const protocol = { framer: lines(), codec: text(), maxFrameLength: 1024 };
const room = new Set<Connection<string>>();

/** Waits for the slowest guest, so that unsent lines do not pile up. */
async function broadcast(speaker: Connection<string>, line: string): Promise<void> {
  const others = [...room].filter((guest) => guest !== speaker);
  await Promise.allSettled(others.map((guest) => guest.send(line)));
}

await using server = await serve(protocol, async (guest) => {
  const name = await guest.receive();
  if (name === undefined) return;
  room.add(guest);
  try {
    await guest.send(`Welcome, ${name}`);
    for await (const line of guest) await broadcast(guest, `${name}: ${line}`);
  } finally {
    room.delete(guest);
  }
});

async function enter(name: string): Promise<Connection<string>> {
  const guest = await connect({ ...server.address, ...protocol });
  await guest.send(name);
  console.log(await guest.receive());
  return guest;
}

await using ada = await enter("Ada");
await using grace = await enter("Grace");
await ada.send("Hello, everybody");
console.log("Grace reads:", await grace.receive());
await grace.send("Hello, Ada");
console.log("Ada reads:", await ada.receive());
