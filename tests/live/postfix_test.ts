/** `examples/smtp_submission.ts` with Postfix. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ended, startExample } from "../support/example_programs.ts";
import { sleep } from "../support/limits.ts";
import { folder, live, port } from "../support/live_server.ts";

const trusting = { SMTP_CA: `${folder}/server.crt` };
const args = ["ada@example.test", "grace@example.test", "127.0.0.1", port];

/** Waits for a mail, and returns it. */
async function delivered(): Promise<string> {
  for (;;) {
    const [file] = readdirSync(`${folder}/mails`, { recursive: true })
      .map((name) => `${folder}/mails/${name}`)
      .filter((path) => path.includes("/new/"));
    if (file !== undefined) return readFileSync(file, "utf8");
    await sleep(100);
  }
}

test("examples/smtp_submission.ts logs in and sends a mail after STARTTLS", live, async () => {
  const login = { SMTP_USER: "ada", SMTP_PASSWORD: "secret" };
  const submission = startExample("smtp_submission.ts", args, { ...trusting, ...login });
  const [code, output] = await ended(submission);
  assert.match(output, /^sent: .*queued as \w+\n$/);
  assert.equal(code, 0);
  const mail = await delivered();
  // ESMTPSA: with TLS and a login.
  assert.match(mail, /with ESMTPSA id/);
  assert.ok(mail.endsWith("mail:\n.\nBye!\n"), mail);
});

const failures: readonly [Readonly<Record<string, string>>, RegExp][] = [
  [{ ...trusting, SMTP_USER: "ada", SMTP_PASSWORD: "wrong" }, /AUTH failed: 535 /],
  [trusting, /RCPT failed: 554 /],
  [{}, /certificate/],
];

test("examples/smtp_submission.ts reports what fails with Postfix", live, async () => {
  for (const [env, error] of failures) {
    const submission = startExample("smtp_submission.ts", args, env);
    await submission.told(error);
    assert.deepEqual(await ended(submission), [1, ""]);
  }
});
