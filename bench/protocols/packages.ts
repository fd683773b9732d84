import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { load } from "../rivals/npm/load.ts";
import { Count, type Tally } from "../support/tally.ts";
import type { ProtocolWork } from "./works.ts";

// deno-lint-ignore no-explicit-any
type Module = any;

/** Returns the work of a package on a stream. */
export async function packageWork(
  { chunks, size, expected }: ProtocolWork,
  name: string,
): Promise<() => Tally | Promise<Tally>> {
  const buffers = chunks.map(({ buffer, byteOffset, length }) =>
    Buffer.from(buffer as ArrayBuffer, byteOffset, length)
  );
  const run = await packages[name]!();
  return () => {
    const count = new Count();
    const found = (message: unknown) => {
      count.frames++;
      count.lengths += size(message as never);
    };
    const running = run(buffers, found, expected.frames);
    return running instanceof Promise ? running.then(() => count) : count;
  };
}

type Run = (
  buffers: readonly Buffer[],
  found: (message: unknown) => void,
  messages: number,
) => void | Promise<void>;

const packages: { readonly [name: string]: () => Promise<Run> } = {
  async "redis-parser"() {
    const { default: Parser } = await load<Module>("redis-parser");
    return (buffers, found) => {
      const returnError = (error: Error) => {
        throw error;
      };
      const parser = new Parser({ returnReply: found, returnError, returnBuffers: true });
      for (const buffer of buffers) parser.execute(buffer);
    };
  },
  async "@redis/client"() {
    const path = "../../node_modules/@redis/client/dist/lib/RESP/decoder.js";
    const { default: { Decoder } } = await load<Module>(path);
    return (buffers, found) => {
      const onErrorReply = (error: Error) => {
        throw error;
      };
      const mapping = { 36: Buffer };
      const decoder = new Decoder({
        onReply: found,
        onErrorReply,
        onPush: found,
        getTypeMapping: () => mapping,
      });
      for (const buffer of buffers) decoder.write(buffer);
    };
  },
  async "mqtt-packet"() {
    const { default: { parser: parserOf } } = await load<Module>("mqtt-packet");
    return (buffers, found) => {
      const parser = parserOf({ protocolVersion: 4 });
      parser.on("packet", found);
      for (const buffer of buffers) parser.parse(buffer);
    };
  },
  async "pg-protocol"() {
    const { Parser } = await load<Module>("pg-protocol/dist/parser.js");
    return (buffers, found) => {
      const parser = new Parser();
      for (const buffer of buffers) parser.parse(buffer, found);
    };
  },
  async "eventsource-parser"() {
    const { createParser } = await load<Module>("eventsource-parser");
    return (buffers, found) => {
      const parser = createParser({ onEvent: found });
      const decoder = new TextDecoder();
      for (const buffer of buffers) parser.feed(decoder.decode(buffer, { stream: true }));
    };
  },
  async "vscode-jsonrpc"() {
    const { StreamMessageReader } = await load<Module>("vscode-jsonrpc/node");
    return async (buffers, found, messages) => {
      let left = messages;
      const source = Readable.from(buffers);
      const reader = new StreamMessageReader(source);
      await new Promise<void>((resolve, reject) => {
        reader.onError(reject);
        reader.listen((message: unknown) => {
          found(message);
          if (--left === 0) resolve();
        });
      });
      reader.dispose();
    };
  },
  async split2() {
    const { default: split2 } = await load<Module>("split2");
    return async (buffers, found) => {
      const stream = Readable.from(buffers).pipe(split2(JSON.parse));
      stream.on("data", found);
      await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject));
    };
  },
  async "dns-packet"() {
    const { default: { streamDecode } } = await load<Module>("dns-packet");
    return (buffers, found) => {
      // A stream is collected by hand, as its documentation shows.
      let rest = Buffer.alloc(0);
      for (const buffer of buffers) {
        const all = rest.length === 0 ? buffer : Buffer.concat([rest, buffer]);
        let at = 0;
        while (all.length - at >= 2) {
          const length = 2 + all.readUInt16BE(at);
          if (all.length - at < length) break;
          found(streamDecode(all.subarray(at, at + length)));
          at += length;
        }
        rest = all.subarray(at) as typeof rest;
      }
    };
  },
  async mysql2() {
    const { default: PacketParser } = await load<Module>(
      "../../node_modules/mysql2/lib/packet_parser.js",
    );
    return (buffers, found) => {
      const parser = new PacketParser((packet: Module) => {
        found({ payload: packet.buffer.subarray(packet.start + 4, packet.end) });
      });
      for (const buffer of buffers) parser.execute(buffer);
    };
  },
};
