/** `postgres`, `postgresAnswer` and `examples/postgres_query.ts` with PostgreSQL. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Connection, serve, type TlsOptions } from "../../mod.ts";
import {
  postgres,
  postgresAnswer,
  type PostgresMessage,
  type PostgresOpening,
  type PostgresStartup,
} from "../../protocols.ts";
import { bytes as latin1 } from "../support/bytes.ts";
import { good } from "../support/certificates.ts";
import { ended, startExample } from "../support/example_programs.ts";
import { Program } from "../support/programs.ts";
import { connected, folder, live, next, port } from "../support/live_server.ts";

type Client = Connection<PostgresMessage, PostgresMessage | PostgresOpening>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const startup = {
  type: "startup",
  version: [3, 0],
  parameters: { user: "postgres", database: "postgres" },
} as const;

/** Returns the messages up to ReadyForQuery. */
async function ready(client: Client): Promise<PostgresMessage[]> {
  const messages: PostgresMessage[] = [];
  for (;;) {
    const message = await next(client);
    messages.push(message);
    if (message.type === "Z") return messages;
  }
}

async function opened(client?: Client): Promise<Client> {
  client ??= await connected(postgres());
  await client.send(startup);
  await ready(client);
  return client;
}

async function query(client: Client, sql: string): Promise<PostgresMessage[]> {
  await client.send({ type: "Q", body: encoder.encode(`${sql}\0`) });
  return await ready(client);
}

async function close(client: Client): Promise<void> {
  await client.send({ type: "X", body: new Uint8Array() });
  await client.close();
}

/** Returns the values of a row. */
function row({ body }: PostgresMessage): string[] {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const values: string[] = [];
  for (let at = 2; at < body.length;) {
    const end = at + 4 + view.getInt32(at);
    values.push(decoder.decode(body.subarray(at + 4, end)));
    at = end;
  }
  return values;
}

function rows(messages: readonly PostgresMessage[]): string[][] {
  return messages.filter(({ type }) => type === "D").map(row);
}

test("postgres() reads 10,000 rows", live, async () => {
  const client = await opened();
  const messages = await query(client, "select i, i * i from generate_series(1, 10000) i");
  assert.deepEqual(
    rows(messages),
    Array.from({ length: 10_000 }, (_, index) => [`${index + 1}`, `${(index + 1) ** 2}`]),
  );
  assert.deepEqual(
    messages.filter(({ type }) => type !== "D").map(({ type }) => type),
    ["T", "C", "Z"],
  );
  await close(client);
});

test("postgres() writes and reads a value of 10 MiB", live, async () => {
  const client = await opened();
  const value = "0123456789abcdef".repeat(655_360);
  await query(client, "create temporary table t (v text)");
  await query(client, `insert into t values ('${value}')`);
  const [[read]] = rows(await query(client, "select v from t")) as [[string]];
  assert.equal(read, value);
  await close(client);
});

test("postgres() pipelines extended queries", live, async () => {
  const client = await opened();
  const parse = { type: "P", body: encoder.encode("\0select $1::text\0\0\0") };
  const execute = { type: "E", body: encoder.encode("\0\0\0\0\0") };
  const sync = { type: "S", body: new Uint8Array() };
  for (let index = 0; index < 200; index++) {
    const value = encoder.encode(`value ${index}`);
    // Portal, statement, no formats, one parameter; no result formats.
    const bind = Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, value.length, ...value, 0, 0);
    client.send(parse);
    client.send({ type: "B", body: bind });
    client.send(execute);
    client.send(sync);
  }
  for (let index = 0; index < 200; index++) {
    const messages = await ready(client);
    assert.deepEqual(messages.map(({ type }) => type).join(""), "12DCZ");
    assert.deepEqual(rows(messages), [[`value ${index}`]]);
  }
  await close(client);
});

test("postgres() and postgresAnswer() start TLS after an SSLRequest", live, async () => {
  const ca = readFileSync(`${folder}/server.crt`, "utf8");
  const client = await secured({ ca, serverName: "localhost" });
  const sql = "select version, ssl from pg_stat_ssl where pid = pg_backend_pid()";
  const [[version, on]] = rows(await query(client, sql)) as [[string, string]];
  assert.match(version, /^TLSv1\.[23]$/);
  assert.equal(on, "t");
  assert.equal(rows(await query(client, "select generate_series(1, 1000)")).length, 1000);
  await close(client);
});

test(
  "postgresAnswer() and TLS refuse a PostgreSQL whose certificate is unknown",
  live,
  async () => {
    await assert.rejects(secured({}), { name: "ConnectionError", code: "certificate" });
  },
);

/** Connects, and starts TLS. */
async function secured(tls: TlsOptions): Promise<Client> {
  const plain = await connected(postgres());
  await plain.send({ type: "sslRequest" });
  const answering = plain.switchTo(postgresAnswer());
  assert.equal(await next(answering), "S");
  await answering.startTls(tls);
  return await opened(answering.switchTo(postgres()));
}

test("postgres() cancels a query of another connection", live, async () => {
  const client = await connected(postgres());
  await client.send(startup);
  const { body } = (await ready(client)).find(({ type }) => type === "K")!;
  const processId = new DataView(body.buffer, body.byteOffset).getInt32(0);
  const sleeping = query(client, "select pg_sleep(600)");
  const watcher = await opened();
  const running = `select count(*) from pg_stat_activity where pid = ${processId}
    and state = 'active' and query like '%pg_sleep(600)'`;
  while (rows(await query(watcher, running))[0]![0] !== "1");
  const canceller = await connected(postgres());
  await canceller.send({ type: "cancelRequest", processId, secretKey: body.subarray(4) });
  assert.equal(await canceller.receive(), undefined);
  const messages = await sleeping;
  const error = messages.find(({ type }) => type === "E")!;
  assert.match(decoder.decode(error.body), /\0C57014\0/);
  await Promise.all([close(client), close(watcher), canceller.close()]);
});

test("postgres() copies in and out, and reads a notification", live, async () => {
  const [client, listener] = [await opened(), await opened()];
  await query(client, "create temporary table c (v int)");
  await client.send({ type: "Q", body: encoder.encode("copy c from stdin\0") });
  assert.equal((await next(client)).type, "G");
  for (let index = 0; index < 5000; index++) {
    client.send({ type: "d", body: encoder.encode(`${index}\n`) });
  }
  client.send({ type: "c", body: new Uint8Array() });
  assert.equal(decoder.decode((await ready(client))[0]!.body), "COPY 5000\0");
  const copied = await query(client, "copy c to stdout");
  assert.equal(copied.filter(({ type }) => type === "d").length, 5000);
  await query(listener, "listen ready");
  await query(client, "notify ready, 'now'");
  const { type, body } = await next(listener);
  assert.equal(type, "A");
  assert.equal(decoder.decode(body.subarray(4)), "ready\0now\0");
  await Promise.all([close(client), close(listener)]);
});

for (const mode of ["disable", "require"]) {
  test(`postgres() serves psql with sslmode=${mode}`, live, async () => {
    const queries: string[] = [];
    await using server = await serve(postgres({ side: "server" }), async (connection) => {
      let client = connection;
      const send = (type: string, text: string) => client.send({ type, body: latin1(text) });
      for await (const message of client) {
        if (message.type === "sslRequest") {
          const answering = client.switchTo(postgresAnswer());
          await answering.send("S");
          await answering.startTls(good);
          client = answering.switchTo(postgres({ side: "server" }));
        } else if (message.type === "startup") {
          assert.equal((message as PostgresStartup).parameters["user"], "ada");
          send("R", "\0\0\0\0");
          send("Z", "I");
        } else if (message.type === "Q") {
          queries.push(decoder.decode((message as PostgresMessage).body));
          send("T", "\0\x01n\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0");
          for (let index = 0; index < 1000; index++) send("D", "\0\x01\0\0\0\x01x");
          send("C", "SELECT 1000\0");
          send("Z", "I");
        }
      }
    });
    const address = `host=127.0.0.1 port=${server.address.port} user=ada dbname=d`;
    const psql = new Program(
      "psql",
      `${address} sslmode=${mode} gssencmode=disable`,
      "-XAtc",
      "select 'x'",
    );
    assert.equal(decoder.decode(await psql.rest()), "x\n".repeat(1000));
    assert.deepEqual(queries, ["select 'x'\0"]);
  });
}

test("examples/postgres_query.ts prints rows and errors", live, async () => {
  const run = (sql: string) => startExample("postgres_query.ts", [sql, "127.0.0.1", port]);
  const sql = "select i, nullif(i, 2) as n from generate_series(1, 2) i; select '€' as euro";
  assert.deepEqual(await ended(run(sql)), [0, "i\tn\n1\t1\n2\tNULL\neuro\n€\n"]);
  const wrong = run("select * from missing");
  await wrong.told(/^error: relation "missing" does not exist$/m);
  assert.deepEqual(await ended(wrong), [1, ""]);
});

test("examples/postgres_query.ts logs in with a password in plain text", live, async () => {
  const client = await opened();
  const create = (name: string) =>
    query(client, `drop role if exists ${name}; create role ${name} login password 'secret'`);
  await create("ada");
  await create("grace");
  await close(client);
  const run = (user: string, password: string) =>
    startExample(
      "postgres_query.ts",
      ["select current_user", "127.0.0.1", port, user, "postgres"],
      {
        PGPASSWORD: password,
      },
    );
  assert.deepEqual(await ended(run("ada", "secret")), [0, "current_user\nada\n"]);
  const refused = [
    [run("ada", "wrong"), /^error: password authentication failed for user "ada"$/m],
    [run("grace", "secret"), /Cannot log in: method 10 is not supported/],
  ] as const;
  for (const [program, error] of refused) {
    await program.told(error);
    assert.deepEqual(await ended(program), [1, ""]);
  }
});
