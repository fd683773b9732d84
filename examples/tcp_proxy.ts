/** A TCP proxy that prints what passes, as lines or in hexadecimal: `tcp_proxy.ts PORT HOST PORT [hex]`. */
import process from "node:process";
import {
  connect,
  type Direction,
  FrameDecoder,
  type Framer,
  hexDump,
  lines,
  serve,
  type Tap,
  text,
} from "@framewright/framewright";

const [port = "8080", hostname = "127.0.0.1", target = "80", format] = process.argv.slice(2);

/** Frames are chunks, however the bytes arrive. */
const chunks: Framer = {
  measure: (input) => input.length || undefined,
  write: (chunk, output) => output.write(chunk),
};

/** Prints lines. Give the decoders another protocol to print its messages. */
function printLines(): Tap {
  const onInvalid = (error: Error) => console.log(error.message);
  const protocol = { framer: lines(), codec: text(), onInvalid };
  const decoders = { in: new FrameDecoder(protocol), out: new FrameDecoder(protocol) };
  function print(direction: Direction): void {
    for (const line of decoders[direction]) console.log(direction === "in" ? "<" : ">", line);
  }
  return {
    chunk({ direction, bytes }) {
      decoders[direction].push(bytes.slice()); // a copy: the memory of sent chunks is reused
      print(direction);
    },
    end({ direction, reason }) {
      if (direction === "both") return console.log("= end:", reason);
      decoders[direction].end();
      print(direction);
    },
  };
}

const server = await serve({
  port: Number(port),
  framer: chunks,
  onError: (error) => console.error((error as Error).message),
}, async (client) => {
  const tap = format === "hex" ? hexDump() : printLines();
  const peer = await connect({ hostname, port: Number(target), framer: chunks, tap });
  // A pipe passes on bytes, backpressure and the end. If one side fails, it aborts the other one.
  await Promise.all([
    client.readable.pipeTo(peer.writable),
    peer.readable.pipeTo(client.writable),
  ]);
});
console.log(`listening on port ${server.address.port}`);
process.once("SIGINT", () => server.shutdown({ deadline: 1_000 }));
