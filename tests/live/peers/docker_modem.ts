/** The client `docker-modem`, over TCP. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run } from "./package.ts";

const Modem = load("docker-modem");

await run({
  /** Separates the outputs of a process, the first of which ends with `length` bytes. */
  async work({ port, length }: { readonly port: number; readonly length: number }) {
    const socket = connect(port, "127.0.0.1");
    const outputs = [new PassThrough(), new PassThrough()];
    new Modem().demuxStream(socket, ...outputs);
    socket.on("end", () => outputs.forEach((output) => output.end()));
    const [output, errors] = await Promise.all(outputs.map(buffer));
    assert.equal(Buffer.compare(output!.subarray(-length), numbered(length)), 0);
    tell([`${output!.subarray(0, -length)}`, `${errors}`]);
  },
});
