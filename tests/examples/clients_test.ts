/** The clients of `examples/`, each with a small server. `tests/live/` runs them with real ones. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Handler, type Protocol, serve, type Server } from "../../mod.ts";
import { dns, mqtt, postgres, resp } from "../../protocols.ts";
import { bytes } from "../support/bytes.ts";
import { authority } from "../support/certificates.ts";
import { ended, startExample } from "../support/example_programs.ts";
import { bounded } from "../support/limits.ts";
import { pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";

const decoder = new TextDecoder();
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.shutdown({ deadline: 0 });
});

/** Starts the server of a test, and returns its port. */
async function portServing<In, Out>(
  protocol: Protocol<In, Out>,
  handler: Handler<In, Out>,
): Promise<number> {
  const server = await serve(protocol, handler);
  servers.push(server);
  return server.address.port;
}

test("examples/redis_client.ts prints replies, also errors", bounded, async () => {
  const commands: string[] = [];
  const port = await portServing(resp({ side: "server" }), async (client) => {
    const words = await client.receive();
    commands.push(words!.map((word) => decoder.decode(word)).join(" "));
    await client.send([1, bytes("two"), null, [bytes("")], { type: "set", values: [] }]);
    for await (const [name, ...rest] of client) {
      commands.push([name, ...rest].map((word) => decoder.decode(word)).join(" "));
      await client.send(rest.length > 0 ? "OK" : { type: "error", message: "ERR too short" });
    }
  });
  const given = ["LIST", "SET a b", "GET"];
  const client = startExample("redis_client.ts", ["127.0.0.1", port, ...given]);
  const output = 'LIST: [1, "two", null, [""], set]\nSET a b: OK\nGET: ERR too short\n';
  assert.deepEqual(await ended(client), [0, output]);
  assert.deepEqual(commands, given);
});

test(
  "examples/mqtt_subscriber.ts acknowledges messages until it is interrupted",
  bounded,
  async () => {
    const received: [type: string, body: string][] = [];
    const port = await portServing(mqtt(), async (client) => {
      for await (const message of client) {
        if (message.type === "publish") continue;
        received.push([message.type, decoder.decode(message.body)]);
        if (message.type === "connect") client.send({ type: "connack", body: Uint8Array.of(0, 0) });
        if (message.type !== "subscribe") continue;
        client.send({ type: "publish", topic: "a", payload: bytes("early") });
        client.send({ type: "suback", body: Uint8Array.of(0, 1, 1) });
        client.send({
          type: "publish",
          topic: "a/b",
          payload: bytes("two"),
          qos: 1,
          packetId: 0x4142,
        });
      }
    });
    const args = ["127.0.0.1", port, "a/#", "ada"];
    const subscriber = startExample("mqtt_subscriber.ts", args, { MQTT_PASSWORD: "secret" });
    assert.equal(await subscriber.line(), "a: early");
    assert.equal(await subscriber.line(), "subscribed to a/#");
    assert.equal(await subscriber.line(), "a/b: two");
    subscriber.interrupt();
    assert.deepEqual(await ended(subscriber), [0, "connection closed: local\n"]);
    assert.deepEqual(received, [
      ["connect", "\0\x04MQTT\x04\xc2\0\x3c\0\0\0\x03ada\0\x06secret".replace("\xc2", "\ufffd")],
      ["subscribe", "\0\x01\0\x03a/#\x01"],
      ["puback", "AB"],
      ["disconnect", ""],
    ]);
  },
);

test("examples/mqtt_subscriber.ts reports that it cannot log in", bounded, async () => {
  const port = await portServing(mqtt(), async (client) => {
    await client.receive();
    await client.send({ type: "connack", body: Uint8Array.of(0, 4) });
  });
  const subscriber = startExample("mqtt_subscriber.ts", ["127.0.0.1", port]);
  await subscriber.told(/Cannot log in: bad user name or password/);
  assert.deepEqual(await ended(subscriber), [1, ""]);
});

for (const password of ["secret", "wrong"]) {
  test(
    `examples/postgres_query.ts logs in with a password that is ${password}`,
    bounded,
    async () => {
      const port = await portServing(postgres({ side: "server" }), async (client) => {
        const send = (type: string, text: string) => client.send({ type, body: bytes(text) });
        const startup = await client.receive();
        assert.ok(startup?.type === "startup" && "parameters" in startup);
        assert.deepEqual(startup.parameters, { user: "ada", database: "ada" });
        send("R", "\0\0\0\x03");
        const login = await client.receive();
        assert.ok(login !== undefined && "body" in login);
        if (decoder.decode(login.body) !== "secret\0") {
          return void send("E", "C28P01\0Mpassword authentication failed\0\0");
        }
        for (const [type, body] of [["R", "\0\0\0\0"], ["S", "a\0b\0"], ["Z", "I"]] as const) {
          send(type, body);
        }
        const query = await client.receive();
        assert.ok(query !== undefined && "body" in query);
        assert.equal(decoder.decode(query.body), "select it\0");
        const type = "\0".repeat(18);
        send("T", `\0\x02one\0${type}two\0${type}`);
        send("D", "\0\x02\0\0\0\x01x\0\0\0\0");
        send("D", "\0\x02\xff\xff\xff\xff\0\0\0\x02yz");
        send("C", "SELECT 2\0");
        send("Z", "I");
        assert.equal((await client.receive())?.type, "X");
      });
      const args = ["select it", "127.0.0.1", port, "ada"];
      const query = startExample("postgres_query.ts", args, { PGPASSWORD: password });
      const right = password === "secret";
      if (!right) await query.told(/^error: password authentication failed$/m);
      assert.deepEqual(await ended(query), right ? [0, "one\ttwo\nx\t\nNULL\tyz\n"] : [1, ""]);
    },
  );
}

test("examples/smtp_submission.ts logs in and sends a mail after STARTTLS", bounded, async () => {
  const server = await pythonServer(withTls(`
    def reply(text):
        conn.sendall(text.encode() + b"\\r\\n")

    def command():
        line = b""
        while not line.endswith(b"\\r\\n"):
            line += exactly(conn, 1)
        return line.decode()[:-2]

    reply("220-mail.test\\r\\n220 ready")
    commands = [command()]
    reply("250-mail.test\\r\\n250-PIPELINING\\r\\n250 StartTLS")
    commands.append(command())
    reply("220 go ahead")
    conn = tls_server(conn)
    for answer in ["250-mail.test\\r\\n250 AUTH PLAIN", "235 welcome", "250 ok", "250 ok", "354 go"]:
        commands.append(command())
        reply(answer)
    mail = b""
    while not mail.endswith(b"\\r\\n.\\r\\n"):
        mail += exactly(conn, 1)
    reply("250 queued")
    commands.append(command())
    reply("221 bye")
    done([commands, mail.decode(), conn.version()])
  `));
  const args = ["ada@a.test", "grace@b.test", "127.0.0.1", server.port];
  const login = { SMTP_USER: "ada", SMTP_PASSWORD: "secret", SMTP_CA: authority.certFile };
  assert.deepEqual(await ended(startExample("smtp_submission.ts", args, login)), [
    0,
    "sent: queued\n",
  ]);
  const [commands, mail, version] = await server.result as [string[], string, string];
  assert.deepEqual(commands, [
    "EHLO localhost",
    "STARTTLS",
    "EHLO localhost",
    `AUTH PLAIN ${btoa("\0ada\0secret")}`,
    "MAIL FROM:<ada@a.test>",
    "RCPT TO:<grace@b.test>",
    "DATA",
    "QUIT",
  ]);
  assert.match(version, /^TLSv1\.[23]$/);
  assert.match(mail, /^From: <ada@a\.test>\r\nTo: <grace@b\.test>\r\nDate: /);
  assert.ok(mail.endsWith("mail:\r\n..\r\nBye!\r\n.\r\n"), mail);
});

for (
  const [name, features, error] of [
    ["does not offer STARTTLS", "250 mail.test", /the server does not offer STARTTLS/],
    ["has an unknown certificate", "250-mail.test\r\n250 STARTTLS", /certificate/],
  ] as const
) {
  test(`examples/smtp_submission.ts sends nothing to a server that ${name}`, bounded, async () => {
    const server = await pythonServer(withTls(`
      conn.sendall(b"220 mail.test\\r\\n")
      exactly(conn, 16)
      conn.sendall(${JSON.stringify(features)}.encode() + b"\\r\\n")
      line = conn.recv(100)
      if line == b"STARTTLS\\r\\n":
          conn.sendall(b"220 go ahead\\r\\n")
          try:
              line = tls_server(conn).recv(100)
          except OSError:
              line = b""
      done(line.decode())
    `));
    const args = ["ada@a.test", "grace@b.test", "127.0.0.1", server.port];
    const submission = startExample("smtp_submission.ts", args, { SMTP_USER: "ada" });
    await submission.told(error);
    assert.deepEqual(await ended(submission), [1, ""]);
    assert.equal(await server.result, "");
  });
}

test("examples/dns_resolver.ts prints addresses of both kinds", bounded, async () => {
  const port = await portServing(dns(), async (client) => {
    const questions = [(await client.receive())!, (await client.receive())!];
    // The answer to the second question comes first. Both follow a record of another type, CNAME.
    for (const { data } of questions.reverse()) {
      const type = data.at(-3)!;
      const address = type === 1 ? [10, 0, 0, 1] : [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1];
      const alias = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, 0x77, 0xc0, 14];
      const record = [1, 0x77, 0xc0, 14, 0, type, 0, 1, 0, 0, 0, 9, 0, address.length, ...address];
      const header = [data[0]!, data[1]!, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
      await client.send({
        data: Uint8Array.of(...header, ...data.subarray(12), ...alias, ...record),
      });
    }
  });
  const resolver = startExample("dns_resolver.ts", ["a.test.", "127.0.0.1", port]);
  assert.deepEqual(await ended(resolver), [0, "10.0.0.1\n2001:db8:0:0:0:0:0:1\n"]);
});

test("examples/dns_resolver.ts reports that a name is unknown", bounded, async () => {
  const port = await portServing(dns(), async (client) => {
    for await (const { data } of client) {
      await client.send({
        data: Uint8Array.from(data, (byte, at) => at === 2 ? 0x81 : at === 3 ? 3 : byte),
      });
    }
  });
  const resolver = startExample("dns_resolver.ts", ["a.test", "127.0.0.1", port]);
  await resolver.told(/Cannot resolve a\.test: unknown name/);
  assert.deepEqual(await ended(resolver), [1, ""]);
});
