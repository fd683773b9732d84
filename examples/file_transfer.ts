/** Uploads a file that may be larger than memory, and shows how much has been sent. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect, lengthPrefixed, serve, text, uint64 } from "@framewright/framewright";

// A name, then the file: both are frames, but the file is sent and received as a stream.
const protocol = { framer: lengthPrefixed(uint64), codec: text(), maxFrameLength: 255 };
const folder = mkdtempSync(join(tmpdir(), "transfer-"));

const server = await serve(protocol, async (connection) => {
  for await (const name of connection) {
    const file = await connection.receiveStream();
    if (file === undefined) return;
    const path = join(folder, `received-${basename(name)}`);
    await pipeline(Readable.from(file.body), createWriteStream(path));
    await connection.send(`${file.length} bytes`);
  }
});

/** Yields the chunks, and shows how many bytes have been read: those on their way are few. */
async function* withProgress(chunks: AsyncIterable<Uint8Array>, length: number) {
  let sent = 0;
  let shown = 0;
  for await (const chunk of chunks) {
    yield chunk;
    sent += chunk.length;
    const percent = Math.floor(100 * sent / length);
    if (percent < shown + 10) continue;
    shown = percent - percent % 10;
    console.log(`${"█".repeat(shown / 10).padEnd(10, "░")} ${shown} %`);
  }
}

async function upload(path: string): Promise<void> {
  const connection = await connect({ ...server.address, ...protocol });
  const { size } = statSync(path);
  await connection.send(basename(path));
  await connection.sendStream(size, withProgress(createReadStream(path), size));
  console.log("received:", await connection.receive());
  await connection.close();
}

const path = join(folder, "holiday.mov");
writeFileSync(path, new Uint8Array(8 << 20).fill(7));
await upload(path);
console.log("complete:", statSync(join(folder, "received-holiday.mov")).size === 8 << 20);
await server.close();
rmSync(folder, { recursive: true });
