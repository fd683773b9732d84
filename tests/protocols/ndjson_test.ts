import { test } from "node:test";
import { CodecError, FrameTooLargeError } from "../../mod.ts";
import { ndjson } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bounded } from "../support/limits.ts";

// ndjson-spec 1.0.0, section 2, "Example NDJSON".
const example = {
  messages: [{ some: "thing" }, { foo: 17, bar: false, quux: true }, { may: { include: "€" } }],
  bytes: '{"some":"thing"}\n{"foo":17,"bar":false,"quux":true}\n{"may":{"include":"€"}}\n',
};

test("ndjson() reads and writes values on lines of their own", bounded, async () => {
  await verifyProtocol<unknown>(ndjson(), [
    { ...example, endsAnywhere: true },
    {
      messages: [1, null, "a\r\n", []],
      bytes: '\ufeff1\r\n\n\r\nnull\n"a\\r\\n"\n[]',
      written: false,
      endsAnywhere: true,
    },
    { messages: [], bytes: "\ufeff\n", endsAnywhere: true },
  ]);
});

test("ndjson() requires the last line end if it is strict", bounded, async () => {
  await verifyProtocol<unknown>(ndjson({ strict: true }), [
    example,
    { messages: [1, 2], bytes: "\ufeff1\r\n\n\r\n2\n\n", written: false },
  ]);
});

test("ndjson() goes on after a line that is not JSON", bounded, async () => {
  const error = { type: CodecError, message: /^Cannot decode frame of/ };
  await verifyProtocol<unknown>(ndjson(), [
    {
      messages: [1, 2],
      bytes: "1\n{\n\ufeff3\n \n2\n",
      invalid: [2, 4, 9].map((offset) => ({ ...error, offset })),
      endsAnywhere: true,
    },
  ]);
});

test("ndjson() skips a line that is too long", bounded, async () => {
  await verifyProtocol<unknown>({ ...ndjson({ strict: true }), maxFrameLength: 20 }, [
    {
      messages: [1, 2],
      bytes: `1\n"${"a".repeat(200)}"\n2\n`,
      invalid: [{ type: FrameTooLargeError, offset: 2 }],
    },
  ]);
});
