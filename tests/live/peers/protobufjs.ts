/** Messages of `protobufjs` after their lengths, on standard input and output. */

import { load, run, type Untyped } from "./package.ts";

const protobuf = load("protobufjs");
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Order { uint32 id = 1; string text = 2; bytes data = 3; }
`);
const Order = root.lookupType("Order");

await run({
  /** Returns each order with the next number, until its input ends. */
  async orders() {
    let rest = Buffer.alloc(0);
    for await (const chunk of process.stdin) {
      rest = Buffer.concat([rest, chunk]);
      for (let read = next(rest); read !== undefined; read = next(rest)) {
        rest = rest.subarray(read.end);
        const { id, text, data } = read.order;
        process.stdout.write(Order.encodeDelimited({ id: id + 1, text, data }).finish());
      }
    }
  },
});

/** Reads an order, if it is complete. */
function next(bytes: Buffer): { readonly order: Untyped; readonly end: number } | undefined {
  const reader = protobuf.Reader.create(bytes);
  try {
    return { order: Order.decodeDelimited(reader), end: reader.pos };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
