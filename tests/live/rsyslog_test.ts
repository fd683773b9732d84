/** `syslog` with rsyslog, as client and as server; `examples/syslog_receiver.ts`. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { serve } from "../../mod.ts";
import { syslog, type SyslogMessage, type SyslogOptions } from "../../protocols.ts";
import { ended, portOf, startExample } from "../support/example_programs.ts";
import { connected, folder, live, port } from "../support/live_server.ts";
import { settled } from "../support/pairs.ts";

const maxFrameLength = 2 ** 21;

/** Returns a message (RFC 5424) with any facility and severity. */
function message(content: string, index: number): SyslogMessage {
  const text = `1 2026-01-01T00:00:00Z host test - - - ${content}`;
  return { facility: index % 24, severity: index % 8, text };
}

/** Sends messages, and returns those that the server forwards. */
async function forwarded(
  options: SyslogOptions,
  messages: readonly SyslogMessage[],
): Promise<SyslogMessage[]> {
  const { promise, resolve } = settled<void>();
  const received: SyslogMessage[] = [];
  const receiving = { ...syslog(), maxFrameLength, port: port + 1 };
  const server = await serve(receiving, async (connection) => {
    for await (const message of connection) {
      if (received.push(message) === messages.length) resolve();
    }
  });
  const connection = await connected({ ...syslog(options), maxFrameLength });
  for (const message of messages) await connection.send(message);
  await connection.close();
  await promise;
  await server.shutdown({ deadline: 0 }).catch(() => {});
  return received;
}

test("syslog() counts octets of 10,000 messages and 1 MiB to rsyslog and back", live, async () => {
  const messages = Array.from({ length: 10_000 }, (_, index) => message(`${index} €`, index));
  messages.push(message("x".repeat(2 ** 20), 13));
  assert.deepEqual(await forwarded({}, messages), messages);
  const written = readFileSync(`${folder}/out`, "utf8").split("\n");
  assert.deepEqual(
    written.slice(-messages.length - 1),
    [...messages.map(({ facility, severity, text }) => `<${facility * 8 + severity}>${text}`), ""],
  );
});

test("syslog() writes 10,000 lines to rsyslog, which counts octets", live, async () => {
  const messages = Array.from({ length: 10_000 }, (_, index) => message(`line ${index}`, index));
  assert.deepEqual(await forwarded({ framing: "lines" }, messages), messages);
});

test("examples/syslog_receiver.ts prints the messages that rsyslog forwards", live, async () => {
  const receiver = startExample("syslog_receiver.ts", [port + 1]);
  assert.equal(await portOf(receiver), port + 1);
  const connection = await connected(syslog());
  const messages = Array.from({ length: 100 }, (_, index) => message(`${index} €`, index));
  for (const message of messages) await connection.send(message);
  await connection.close();
  const severities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
  for (const { facility, severity, text } of messages) {
    assert.equal(
      await receiver.line(),
      `127.0.0.1 facility ${facility}, ${severities[severity]}: ${text}`,
    );
  }
  receiver.interrupt();
  assert.deepEqual(await ended(receiver), [0, ""]);
});
