import assert from "node:assert/strict";
import { test } from "node:test";
import { type Import, violations } from "../../scripts/layers.ts";

function check(imports: Record<string, Record<string, "value" | "type">>): string[] {
  return violations(
    new Map(
      Object.entries(imports).map(([file, targets]): [string, Import[]] => [
        file,
        Object.entries(targets).map(([path, kind]) => ({ path, type: kind === "type" })),
      ]),
    ),
  );
}

test("violations() finds nothing if all imports follow the layers", () => {
  assert.deepEqual(
    check({
      "src/errors.ts": {},
      "src/bytes/byte_queue.ts": { "src/errors.ts": "value" },
      "src/framers/lines.ts": {
        "src/bytes/byte_queue.ts": "value",
        "src/framers/framer.ts": "type",
      },
      "src/frame_decoder.ts": { "src/framers/framer.ts": "type", "src/protocol.ts": "value" },
      "src/connections/connect.ts": { "src/transports/current.ts": "value" },
    }),
    [],
  );
});

test("violations() finds an import in the wrong direction", () => {
  assert.deepEqual(check({ "src/bytes/byte_queue.ts": { "src/framers/lines.ts": "value" } }), [
    "src/bytes/byte_queue.ts imports src/framers/lines.ts",
  ]);
  assert.deepEqual(
    check({ "src/streams/frame_reader.ts": { "src/transports/current.ts": "type" } }),
    [
      "src/streams/frame_reader.ts imports types of src/transports/current.ts",
    ],
  );
});

test("violations() finds a value import where only types are allowed", () => {
  assert.deepEqual(check({ "src/frame_decoder.ts": { "src/framers/lines.ts": "value" } }), [
    "src/frame_decoder.ts imports src/framers/lines.ts",
  ]);
});

test("violations() finds a runtime's file outside of current.ts", () => {
  assert.deepEqual(
    check({ "src/connections/listen.ts": { "src/transports/deno/sockets.ts": "value" } }),
    [
      "src/connections/listen.ts imports src/transports/deno/sockets.ts",
    ],
  );
});

test("violations() allows transports to import errors and bytes, and nothing above them", () => {
  assert.deepEqual(
    check({
      "src/transports/bun/tls.ts": { "src/errors.ts": "value", "src/bytes/view.ts": "value" },
      "src/transports/tls/start_tls.ts": { "src/transports/connection_error.ts": "value" },
    }),
    [],
  );
  assert.deepEqual(
    check({
      "src/transports/node/sockets.ts": { "src/connections/options/endpoint.ts": "type" },
      "src/transports/web/stream_transport.ts": { "src/transports/tls/start_tls.ts": "value" },
    }),
    [
      "src/transports/node/sockets.ts imports types of src/connections/options/endpoint.ts",
      "src/transports/web/stream_transport.ts imports src/transports/tls/start_tls.ts",
    ],
  );
});

test("violations() finds a file that is in no layer", () => {
  assert.deepEqual(check({ "src/utils.ts": {} }), ["src/utils.ts is in no layer"]);
});

test("violations() finds cycles, including cycles of types", () => {
  assert.deepEqual(
    check({
      "src/bytes/a.ts": { "src/bytes/b.ts": "type" },
      "src/bytes/b.ts": { "src/bytes/a.ts": "value" },
    }),
    ["a cycle: src/bytes/a.ts -> src/bytes/b.ts -> src/bytes/a.ts"],
  );
});
