/** `dap` with debugpy, the debug adapter of Python. */

// apt: python3-debugpy /usr/lib/python3/dist-packages/debugpy

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { spawn } from "../../mod.ts";
import { dap, type DapEvent, type DapMessage, type DapResponse } from "../../protocols.ts";
import { within } from "../support/limits.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const PROGRAM = `
def add(a, b):
    total = a + b
    return total

large = "€" * 500_000
for number in range(3):
    print("sum €", add(number, 1), flush=True)
`;
/** The line with the breakpoint. */
const LINE = 4;

interface Body {
  readonly [name: string]: unknown;
}

test("dap() debugs a program by debugpy", within(60_000), async () => {
  const program = `${temporaryFolder()}/program.py`;
  writeFileSync(program, PROGRAM);
  const command = "/usr/bin/python3";
  const args = ["-m", "debugpy.adapter"];
  await using adapter = await spawn({ command, args, stderr: "ignore", ...dap() });
  const events: DapEvent[] = [];
  const responses = new Map<number, DapResponse>();
  let seq = 0;

  /** Receives until a message that is wanted has arrived. */
  const until = async <Message>(find: () => Message | undefined): Promise<Message> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const message: DapMessage | undefined = await adapter.receive();
      assert.ok(message !== undefined);
      if (message.type === "event") events.push(message);
      if (message.type === "response") responses.set(message.request_seq, message);
    }
  };
  const send = async (command: string, body: Body = {}): Promise<number> => {
    await adapter.send({ seq: ++seq, type: "request", command, arguments: body });
    return seq;
  };
  const request = async (command: string, body?: Body): Promise<Body> => {
    const number = await send(command, body);
    const response = await until(() => responses.get(number));
    assert.ok(response.success, response.message);
    return response.body as Body;
  };
  /** Returns the next event of this name: output may arrive before or after what it precedes. */
  const event = async (name: string): Promise<Body> => {
    const { body } = await until(() => {
      const index = events.findIndex(({ event }) => event === name);
      return index < 0 ? undefined : events.splice(index, 1)[0];
    });
    return body as Body;
  };

  const capabilities = await request("initialize", { adapterID: "debugpy", pathFormat: "path" });
  assert.equal(capabilities["supportsConfigurationDoneRequest"], true);
  await send("launch", { program, console: "internalConsole", redirectOutput: true });
  await event("initialized");
  const { breakpoints } = await request("setBreakpoints", {
    source: { path: program },
    breakpoints: [{ line: LINE }],
  }) as { breakpoints: Body[] };
  assert.deepEqual(breakpoints.map(({ line }) => line), [LINE]);
  await request("configurationDone");
  for (let number = 0; number < 3; number++) {
    const { reason, threadId } = await event("stopped");
    assert.equal(reason, "breakpoint");
    const { stackFrames } = await request("stackTrace", { threadId }) as { stackFrames: Body[] };
    assert.deepEqual(stackFrames.map(({ name }) => name), ["add", "<module>"]);
    const frameId = stackFrames[0]!["id"];
    assert.equal(
      (await request("evaluate", { expression: "total", frameId }))["result"],
      `${number + 1}`,
    );
    const copied = await request("evaluate", {
      expression: "large",
      frameId,
      context: "clipboard",
    });
    assert.equal(copied["result"], `'${"€".repeat(500_000)}'`);
    await request("continue", { threadId });
  }
  await event("terminated");
  const outputs = events.filter(({ event }) => event === "output")
    .map(({ body }) => body as { readonly category: string; readonly output: string })
    .filter(({ category }) => category === "stdout");
  assert.equal(outputs.map(({ output }) => output).join(""), "sum € 1\nsum € 2\nsum € 3\n");
  await send("disconnect");
});
