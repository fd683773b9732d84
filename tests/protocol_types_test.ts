import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Codec,
  connect,
  Connection,
  type ConnectOptions,
  FrameDecoder,
  FrameEncoder,
  type Handler,
  json,
  lines,
  listen,
  owned,
  type Protocol,
  serve,
  text,
} from "../mod.ts";

/** Whether two types are identical, as the compiler sees it. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
function same<A, B>(_: Same<A, B>): void {}

type Order = { readonly id: number };
const orders = { framer: lines(), codec: json<Order>(), maxFrameLength: 5 } satisfies Protocol<
  Order
>;
declare const dates: Codec<Uint8Array, Date, number>;
declare const streams: TransformStream<Uint8Array, Uint8Array>;

/** Compiled but never called. */
export async function compiled(port: number, handler: Handler<Date>): Promise<void> {
  // Without a codec, messages are bytes.
  const bytes = await connect({ port, framer: lines() });
  same<typeof bytes, Connection<Uint8Array, Uint8Array>>(true);
  await connect<Uint8Array>({ port, framer: lines() });
  await connect<unknown>({ port, framer: lines() });

  // The codec determines the message types of both directions.
  const strings = await connect({ port, framer: lines(), codec: text() });
  same<typeof strings, Connection<string>>(true);
  const mixed = await connect({ port, framer: lines(), codec: dates });
  same<typeof mixed, Connection<Date, number>>(true);
  const spread = await connect({ port, ...orders });
  same<typeof spread, Connection<Order>>(true);
  same<typeof spread, Connection<Order, Uint8Array>>(false);

  // Messages other than bytes require a codec.
  // @ts-expect-error There is no codec.
  await connect<Date>({ port, framer: lines() });
  // @ts-expect-error There is no protocol.
  await connect<Date>({ port });
  // @ts-expect-error There is no framer.
  await connect({ port });
  // @ts-expect-error Bytes are received, but strings sent.
  await connect<Uint8Array, string>({ port, framer: lines() });
  // @ts-expect-error The codec has another message type.
  await connect<Date>({ port, framer: lines(), codec: text() });
  // @ts-expect-error The codec may be missing.
  await connect({ port, framer: lines(), ...port > 1 ? { codec: text() } : {} });
  // @ts-expect-error There is no codec.
  await listen<Date>({ framer: lines() });
  // @ts-expect-error There is no codec.
  await serve({ framer: lines() }, handler);
  // @ts-expect-error There is no codec.
  new Connection<Date>(streams, { framer: lines() });
  // @ts-expect-error There is no codec.
  bytes.switchTo<Date>({ framer: lines() });
  await connect<Date, number>({ port, framer: lines(), codec: dates });

  // A bare framer is a protocol of bytes.
  const framed = strings.switchTo(lines());
  same<typeof framed, Connection>(true);
  const alone = new Connection(streams, lines());
  same<typeof alone, Connection>(true);
  const switched = strings.switchTo({ framer: lines(), codec: owned() });
  same<typeof switched, Connection>(true);
}

/** A generic function passes its protocol on. */
export async function passedOn<In, Out>(
  protocol: Protocol<In, Out>,
  options: ConnectOptions,
): Promise<[Connection<In, Out>, FrameDecoder<In>, FrameEncoder<Out>]> {
  const connection = await connect({ ...options, ...protocol });
  return [connection, new FrameDecoder(protocol), new FrameEncoder(protocol)];
}

/** A protocol with additional members. */
export interface Named extends Protocol<Order> {
  readonly name: string;
}

test("Protocol<Message> requires a codec unless a message may be bytes", () => {
  const named: Named = { ...orders, name: "orders" };
  const byte: Protocol = { framer: lines() };
  // @ts-expect-error There is no codec.
  const date: Protocol<Date> = { framer: lines() };
  assert.deepEqual(new FrameDecoder(byte).readAll(), new FrameDecoder(date).readAll());
  assert.deepEqual(new FrameDecoder(named).readAll(), []);
});
