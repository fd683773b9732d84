/** `beanstalkd` with the server itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Requester } from "../../mod.ts";
import { beanstalkd } from "../../protocols.ts";
import { latin1, numbered } from "../support/bytes.ts";
import { connected, live } from "../support/live_server.ts";

const encoder = new TextEncoder();

test("beanstalkd() puts and reserves 1,000 jobs, pipelined", live, async () => {
  const connection = await connected(beanstalkd());
  const requester = new Requester(connection);
  const put = (data: Uint8Array) => requester.request({ line: `put 1 0 60 ${data.length}`, data });
  const inserted = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => put(encoder.encode(`job ${index}`))),
  );
  const jobs = await Promise.all(inserted.map(() => requester.request({ line: "reserve" })));
  assert.deepEqual(
    jobs.map(({ data }) => latin1(data!)),
    inserted.map((_, index) => `job ${index}`),
  );
  assert.deepEqual(
    jobs.map(({ line }) => line.split(" ")[1]),
    inserted.map(({ line }) => line.split(" ")[1]),
  );
  const { data } = await requester.request({ line: "stats" });
  assert.match(latin1(data!), /^---\ncurrent-jobs-urgent: /);
  const unknown = await requester.request({ line: "nonsense" });
  assert.deepEqual(unknown, { line: "UNKNOWN_COMMAND" });
  await connection.close();
});

test("beanstalkd() exchanges a job of nearly 1 MiB", live, async () => {
  const connection = await connected(beanstalkd());
  const requester = new Requester(connection);
  // Line ends inside of data are data.
  const data = numbered(2 ** 20 - 100).map((byte, index) =>
    index % 1000 < 2 ? 13 - index % 1000 * 3 : byte
  );
  await requester.request({ line: "use large" });
  await requester.request({ line: "watch large" });
  await requester.request({ line: "ignore default" });
  await requester.request({ line: `put 1 0 60 ${data.length}`, data });
  const job = await requester.request({ line: "reserve" });
  assert.ok(job.data!.length === data.length && job.data!.every((byte, at) => byte === data[at]));
  await connection.close();
});
