/** `connectRpc` and `grpcWeb` in bodies of HTTP/1.1, with `@connectrpc/connect-node`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { FrameDecoder, FrameEncoder, type ProtocolParts, readFrames } from "../../mod.ts";
import { connectRpc, type GrpcMessage, grpcWeb, http1, protobuf } from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { npmPeer } from "../support/npm_peer.ts";

interface Variant {
  readonly name: string;
  readonly protocol: ProtocolParts<GrpcMessage>;
  readonly type: string;
  /** The headers that name the compression of requests and responses. */
  readonly encodings: Readonly<Record<string, string>>;
  /** Returns what ends a response, without an error or with one. */
  end(code?: "permission_denied"): GrpcMessage;
  /** Whether a message ends a response. */
  ends(message: GrpcMessage): boolean;
}

const peer = npmPeer("connect", "@connectrpc/connect-node@2.3.0");
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const COUNT = 500;

const connect: Variant = {
  name: "connectRpc",
  protocol: connectRpc(),
  type: "application/connect+proto",
  encodings: { "connect-content-encoding": "gzip", "connect-accept-encoding": "gzip" },
  end(code) {
    const error = code && { error: { code, message: "not this" } };
    return { endStream: true, data: encoder.encode(JSON.stringify(error ?? {})) } as GrpcMessage;
  },
  ends: ({ endStream }: GrpcMessage & { readonly endStream?: boolean }) => endStream === true,
};
const web: Variant = {
  name: "grpcWeb",
  protocol: grpcWeb(),
  type: "application/grpc-web+proto",
  encodings: { "grpc-encoding": "gzip", "grpc-accept-encoding": "gzip" },
  end(code) {
    const trailers = `grpc-status: ${code ? 7 : 0}\r\ngrpc-message: ${code ? "not this" : ""}\r\n`;
    return { trailers: true, data: encoder.encode(trailers) } as GrpcMessage;
  },
  ends: ({ trailers }: GrpcMessage & { readonly trailers?: boolean }) => trailers === true,
};

/** Encodes a message of Protocol Buffers with one text, which follows its length. */
function message(text: string): GrpcMessage {
  const codec = new FrameEncoder(protobuf());
  codec.write(encoder.encode(text));
  return { data: concat([Uint8Array.of(10), concat(codec.drain())]) };
}

function textIn({ compressed, data }: GrpcMessage): string {
  const codec = new FrameDecoder(protobuf());
  codec.push((compressed ? gunzipSync(data) : data).subarray(1));
  return decoder.decode(codec.read());
}

function bodyOf({ protocol }: Variant, messages: readonly GrpcMessage[]): Uint8Array {
  const encoder = new FrameEncoder(protocol);
  for (const message of messages) encoder.write(message);
  return concat(encoder.drain());
}

for (const variant of [connect, web]) {
  test(...peer.needed(`${variant.name}() calls a server of connect-node`), async () => {
    const server = peer.start("serve", {});
    const url = `http://127.0.0.1:${await server.next()}/echo.Echo`;
    const call = async (method: string, ...messages: GrpcMessage[]) => {
      const body = bodyOf(variant, messages) as Uint8Array<ArrayBuffer>;
      const headers = { "content-type": variant.type, ...variant.encodings };
      const response = await fetch(`${url}/${method}`, { method: "POST", headers, body });
      assert.equal(response.headers.get("content-type"), variant.type);
      return await Array.fromAsync(readFrames(response.body!, variant.protocol));
    };
    const texts = Array.from({ length: COUNT }, (_, index) => `€ ${index}`);
    const data = new Uint8Array(gzipSync(message("compressed").data));
    const joined = await call("Join", ...texts.map(message), { compressed: true, data });
    assert.equal(joined.length, 2);
    assert.equal(textIn(joined[0]!), [...texts, "compressed"].join(","));
    // The server compresses what is longer than a kilobyte.
    const long = "long ".repeat(200_000);
    const split = await call("Split", message([...texts, long].join(",")));
    const last = split.pop()!;
    assert.ok(variant.ends(last));
    assert.deepEqual(split.map(textIn), [...texts, long]);
    assert.ok(split.at(-1)!.compressed);
    const [error] = await call("Split", message("refuse"));
    assert.ok(variant.ends(error!));
    assert.match(decoder.decode(error!.data), /not( |%20)this/);
    server.kill();
  });

  test(...peer.needed(`${variant.name}() serves a client of connect-node`), async () => {
    const codes = [undefined, "permission_denied"] as const;
    let calls = 0;
    const lines = await peer.served("call", http1({ side: "server" }), async (connection) => {
      for await (const { headers, body } of connection) {
        assert.equal(new Map(headers).get("content-type"), variant.type);
        const requests = new FrameDecoder(variant.protocol);
        requests.push(body);
        requests.end();
        const messages = requests.readAll();
        assert.deepEqual(textIn(messages.at(-1)!), `€ ${COUNT - 1}`);
        await connection.send({
          status: 200,
          headers: [["content-type", variant.type], ["transfer-encoding", "chunked"]],
          body: bodyOf(variant, [...messages, variant.end(codes[calls++])]),
        });
      }
    }, { count: COUNT, web: variant === web });
    assert.deepEqual(lines, [COUNT, [7, "not this"]]);
  });
}
