/** The client and the server of `@grpc/grpc-js`, without generated code. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run, type Untyped } from "./package.ts";

const grpc = load("@grpc/grpc-js");
const GZIP = 2;
const PATH = "/echo.Echo/Call";
const same = (message: Buffer) => message;

interface Call {
  readonly port: number;
  readonly count: number;
  readonly compress: boolean;
}

await run({
  /** Returns each message of a call, or a large one if this is its text. */
  echo() {
    const server = new grpc.Server();
    const call = {
      path: PATH,
      requestStream: true,
      responseStream: true,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    server.addService({ call }, {
      call(stream: Untyped) {
        stream.on("data", (message: Buffer) => {
          stream.write(`${message}` === "large" ? Buffer.from(numbered(3 * 2 ** 20)) : message);
        });
        stream.on("end", () => stream.end());
      },
    });
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (_: unknown, port: number) => tell(port));
  },

  /** Sends messages to a server that returns them. */
  call({ port, count, compress }: Call) {
    const options = compress ? { "grpc.default_compression_algorithm": GZIP } : {};
    const credentials = grpc.credentials.createInsecure();
    const client = new grpc.Client(`127.0.0.1:${port}`, credentials, options);
    const stream = client.makeBidiStreamRequest(PATH, same, same);
    const received: string[] = [];
    stream.on("data", (message: Buffer) => received.push(`${message}`));
    stream.on("status", ({ code, details }: Untyped) => {
      const expected = Array.from({ length: count }, (_, index) => `message ${index}`);
      assert.deepEqual(received, expected);
      tell({ code, details });
      client.close();
    });
    for (let index = 0; index < count; index++) stream.write(Buffer.from(`message ${index}`));
    stream.end();
  },
});
