/** `http1` with nginx. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Connection, Requester } from "../../mod.ts";
import { http1, type Http1Request, type Http1Response } from "../../protocols.ts";
import { latin1, numbered } from "../support/bytes.ts";
import { connected, folder, live, next } from "../support/live_server.ts";

type Client = Connection<Required<Http1Response>, Http1Request>;

const headers = [["Host", "localhost"]] as const;

function get(target: string, method = "GET"): Http1Request {
  return { method, target, headers };
}

/** Returns a field of a response. */
function field({ headers = [] }: Http1Response, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

test("http1() pipelines 1,000 requests to nginx on one connection", live, async () => {
  const connection: Client = await connected(http1());
  const requester = new Requester(connection);
  const targets = ["/index.html", "/page.shtml", "/missing", "/none"];
  const methods = ["GET", "GET", "HEAD"];
  const requests = Array.from(
    { length: 1000 },
    (_, index) => get(targets[index % 4]!, methods[index % 3]),
  );
  const responses = await Promise.all(requests.map((request) => requester.request(request)));
  for (const [index, response] of responses.entries()) {
    const { method, target } = requests[index]!;
    assert.equal(response.status, { "/missing": 404, "/none": 204 }[target] ?? 200);
    const body = latin1(response.body);
    if (method === "HEAD" || target === "/none") assert.equal(body, "");
    else if (target === "/index.html") assert.equal(body, "hello\n");
    else if (target === "/page.shtml") {
      assert.equal(body, "first hello\n last\n");
      assert.equal(field(response, "transfer-encoding"), "chunked");
    } else assert.match(body, /404 Not Found/);
  }
  await connection.close();
});

test("http1() reads a body of 10 MiB from nginx", live, async () => {
  const connection: Client = await connected(http1());
  await connection.send(get("/large.html"));
  const { status, body } = await next(connection);
  assert.deepEqual([status, body.length], [200, 10 * 2 ** 20]);
  assert.ok(body.every((byte) => byte === 0x78));
  await connection.close();
});

test("http1() puts a body of 5 MiB, with its length and chunked", live, async () => {
  const connection: Client = await connected(http1());
  const body = numbered(5 * 2 ** 20);
  const codings = [[], [["Transfer-Encoding", "chunked"]]] as const;
  for (const [index, coding] of codings.entries()) {
    const target = `/up/file${index}`;
    await connection.send({ method: "PUT", target, headers: [...headers, ...coding], body });
    assert.equal((await next(connection)).status, 201);
    assert.ok(readFileSync(`${folder}/www${target}`).every((byte, at) => byte === body[at]));
  }
  await connection.close();
});

test("http1() reads an interim response of nginx before the response", live, async () => {
  const connection: Client = await connected(http1());
  const expecting = [...headers, ["Expect", "100-continue"]] as const;
  const body = numbered(1000);
  await connection.send({ method: "PUT", target: "/up/expected", headers: expecting, body });
  const first = await next(connection);
  const status = first.status === 100 ? (await next(connection)).status : first.status;
  assert.equal(status, 201);
  await connection.close();
});

test("http1() reads a body that nginx ends by closing", live, async () => {
  const connection: Client = await connected(http1());
  await connection.send({ method: "GET", target: "/page.shtml", version: "1.0", headers });
  const response = await next(connection);
  assert.equal(latin1(response.body), "first hello\n last\n");
  assert.equal(field(response, "transfer-encoding"), undefined);
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});
