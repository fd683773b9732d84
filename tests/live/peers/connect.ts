/** Servers and clients of the Connect protocol and of gRPC-Web: `@connectrpc/connect-node`. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { tell } from "../../support/child.ts";
import { load, run, type Untyped } from "./package.ts";

const { connectNodeAdapter, createConnectTransport, createGrpcWebTransport } = load(
  "@connectrpc/connect-node",
);
const { Code, ConnectError, createClient } = load("@connectrpc/connect");
const { create, createFileRegistry } = load("@bufbuild/protobuf");
const { FileDescriptorProtoSchema } = load("@bufbuild/protobuf/wkt");

const [STRING, OPTIONAL] = [9, 1];
const text = { name: "text", jsonName: "text", number: 1, type: STRING, label: OPTIONAL };
const types = { inputType: ".echo.Text", outputType: ".echo.Text" };
const clientStreaming = true;
const serverStreaming = true;
/** What the compiler would generate: in HTTP/1.1, servers take only calls that stream in one direction. */
const file = create(FileDescriptorProtoSchema, {
  name: "echo.proto",
  package: "echo",
  syntax: "proto3",
  messageType: [{ name: "Text", field: [text] }],
  service: [{
    name: "Echo",
    method: [
      { name: "Join", ...types, clientStreaming },
      { name: "Split", ...types, serverStreaming },
      { name: "Echo", ...types, clientStreaming, serverStreaming },
    ],
  }],
});
const service = createFileRegistry(file, () => undefined).getService("echo.Echo");

type Text = { readonly text: string };

const implementation = {
  async join(requests: AsyncIterable<Text>) {
    const texts: string[] = [];
    for await (const { text } of requests) texts.push(text);
    return { text: texts.join(",") };
  },

  async *split({ text }: Text) {
    if (text === "refuse") throw new ConnectError("not this", Code.PermissionDenied);
    for (const part of text.split(",")) yield { text: part };
  },
};

await run({
  /** Joins and splits texts. */
  serve() {
    const routes = (router: Untyped) => router.service(service, implementation);
    const server = createServer(connectNodeAdapter({ routes }));
    server.listen(0, "127.0.0.1", () => tell((server.address() as { port: number }).port));
  },

  /** Sends messages to a server that returns them, by one protocol or the other. */
  async call({ port, count, web }: Call) {
    const create = web ? createGrpcWebTransport : createConnectTransport;
    const transport = create({ baseUrl: `http://127.0.0.1:${port}`, httpVersion: "1.1" });
    const client = createClient(service, transport);
    async function* requests() {
      for (let index = 0; index < count; index++) yield { text: `€ ${index}` };
    }
    let received = 0;
    for await (const { text } of client.echo(requests())) assert.equal(text, `€ ${received++}`);
    tell(received);
    await assert.rejects(
      async () => {
        for await (const _ of client.echo(requests()));
      },
      ({ code, rawMessage }: Untyped) => {
        tell([code, rawMessage]);
        return true;
      },
    );
  },
});

interface Call {
  readonly port: number;
  readonly count: number;
  /** Whether to speak gRPC-Web. */
  readonly web: boolean;
}
