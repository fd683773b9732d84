import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Connection,
  fixed,
  FrameReader,
  lines,
  Requester,
  type StreamPair,
  text,
} from "../../mod.ts";
import { within } from "../support/limits.ts";

const bounded = within(60_000);

/** Numbers of pending calls whose times are compared. */
const FEW = 2_000;
const MANY = 8 * FEW;

/** Maximum growth from `FEW` to `MANY`. Linear growth is 8, quadratic growth 64. */
const MAX_GROWTH = 24;

/** Maximum ratio of the time of many calls to the time of as many bare promises. */
const MAX_OVERHEAD = 6;

type Prepare = (count: number) => () => unknown;

/**
 * Requires that the duration of the work grows about linearly with the number of calls. One linear round
 * is enough, since others may be disturbed; quadratic growth fails all of them.
 */
async function assertLinear(prepare: Prepare): Promise<void> {
  await timeOf(prepare, FEW);
  const rounds: string[] = [];
  for (let round = 0; round < 4; round++) {
    const few = await timeOf(prepare, FEW);
    const many = await timeOf(prepare, MANY);
    if (many < MAX_GROWTH * few) return;
    const bare = await timeOf(barePromises, MANY);
    if (many < MAX_OVERHEAD * bare) return;
    rounds.push(`${FEW} calls: ${few} ms, ${MANY} calls: ${many} ms, bare promises: ${bare} ms`);
  }
  assert.fail(rounds.join("; "));
}

async function timeOf(prepare: Prepare, count: number): Promise<number> {
  const work = prepare(count);
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Promises that are rejected one by one, by signals. */
function barePromises(count: number): () => Promise<unknown> {
  const controllers = Array.from({ length: count }, () => new AbortController());
  return async () => {
    const settled = Promise.allSettled(controllers.map(({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      })
    ));
    controllers.forEach((controller) => controller.abort());
    await settled;
  };
}

/** A pair whose peer sends the chunks passed to `push`, and reads everything or nothing. */
function quiet(reads = true): StreamPair & { push(chunk: Uint8Array): void } {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  return {
    readable: new ReadableStream({ start: (given) => void (controller = given) }),
    writable: new WritableStream({ write: () => reads ? undefined : new Promise(() => {}) }),
    push: (chunk) => controller.enqueue(chunk),
  };
}

/** Ways to abort calls: their signals, and a function that aborts all of them. */
const aborts: Record<string, (count: number) => { signals: AbortSignal[]; abort(): void }> = {
  "all by one signal"(count) {
    const controller = new AbortController();
    const signals = new Array<AbortSignal>(count).fill(controller.signal);
    return { signals, abort: () => controller.abort() };
  },
  "one by one"(count) {
    const controllers = Array.from({ length: count }, () => new AbortController());
    const abort = () => controllers.forEach((controller) => controller.abort());
    return { signals: controllers.map(({ signal }) => signal), abort };
  },
  "one by one, last first"(count) {
    const controllers = Array.from({ length: count }, () => new AbortController());
    const abort = () => controllers.toReversed().forEach((controller) => controller.abort());
    return { signals: controllers.map(({ signal }) => signal), abort };
  },
};

/** Calls that stay pending, each with a signal. */
const calls: Record<string, () => (signal: AbortSignal) => Promise<unknown>> = {
  "Connection.receive()"() {
    const connection = new Connection(quiet(), { framer: fixed(1) });
    return (signal) => connection.receive({ signal });
  },
  "Connection.send()"() {
    const connection = new Connection(quiet(false), { framer: fixed(1), highWaterMark: 1 });
    return (signal) => connection.send(new Uint8Array(1), { signal });
  },
  "FrameReader.read()"() {
    const reader = new FrameReader(quiet().readable);
    const framer = fixed(1);
    return (signal) => reader.read(framer, { signal });
  },
  "Requester.request()"() {
    const requester = new Requester(new Connection(quiet(), { framer: lines(), codec: text() }));
    return (signal) => requester.request("ask", { signal });
  },
  "Requester.request() with keys"() {
    const connection = new Connection(quiet(), { framer: lines(), codec: text() });
    const requester = new Requester(connection, { match: (message) => message });
    let key = 0;
    return (signal) => requester.request(`${key++}`, { signal });
  },
};

for (const [name, prepare] of Object.entries(calls)) {
  for (const [how, aborting] of Object.entries(aborts)) {
    test(`${name} rejects thousands of aborted calls in linear time: ${how}`, bounded, async () => {
      await assertLinear((count) => {
        const call = prepare();
        const { signals, abort } = aborting(count);
        return async () => {
          // Handlers are added before the rejections: Deno searches all rejections without one.
          const settled = Promise.allSettled(signals.map((signal) => call(signal)));
          abort();
          const results = await settled;
          assert.equal(results.filter(({ status }) => status === "rejected").length, count);
        };
      });
    });
  }
}

test(
  "Connection.receive() resolves thousands of pending calls in linear time",
  bounded,
  async () => {
    await assertLinear((count) => {
      const pair = quiet();
      const connection = new Connection(pair, { framer: fixed(1) });
      return async () => {
        const { signal } = new AbortController();
        const waiting = Array.from({ length: count }, () => connection.receive({ signal }));
        pair.push(new Uint8Array(count));
        await Promise.all(waiting);
      };
    });
  },
);

test("Connection.abort() rejects thousands of pending calls in linear time", bounded, async () => {
  await assertLinear((count) => {
    const connection = new Connection(quiet(false), { framer: fixed(1), highWaterMark: 1 });
    return async () => {
      const { signal } = new AbortController();
      const waiting = Array.from({ length: count }, () => [
        connection.receive({ signal }),
        connection.next(),
        connection.send(new Uint8Array(1), { signal }),
      ]);
      const settled = Promise.allSettled(waiting.flat());
      connection.abort();
      await settled;
    };
  });
});

test("Connection.receive() keeps the order of calls that are not aborted", bounded, async () => {
  const pair = quiet();
  const connection = new Connection(pair, { framer: fixed(1) });
  const controllers = Array.from({ length: 1000 }, () => new AbortController());
  const waiting = controllers.map(({ signal }) => connection.receive({ signal }));
  for (let index = 0; index < 1000; index++) {
    if (index % 3 > 0) controllers[index]!.abort();
  }
  pair.push(Uint8Array.from({ length: 334 }, (_, index) => index));
  const results = await Promise.allSettled(waiting);
  let next = 0;
  for (const [index, result] of results.entries()) {
    if (index % 3 > 0) assert.equal(result.status, "rejected");
    else assert.deepEqual(result, { status: "fulfilled", value: Uint8Array.of(next++ % 256) });
  }
});

/** A signal that counts added and removed listeners. */
class CountingSignal extends EventTarget {
  readonly aborted = false;
  readonly reason: unknown = undefined;
  added = 0;
  removed = 0;

  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.added++;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget["removeEventListener"]>): void {
    this.removed++;
    super.removeEventListener(...args);
  }
}

test(
  "Connection removes its listeners from a signal once its calls have settled",
  bounded,
  async () => {
    const pair = quiet();
    const connection = new Connection(pair, { framer: fixed(1) });
    const counting = new CountingSignal();
    const signal = counting as unknown as AbortSignal;
    for (let round = 0; round < 3; round++) {
      const waiting = [1, 2, 3].map(() => connection.receive({ signal }));
      pair.push(new Uint8Array(3));
      await Promise.all(waiting);
    }
    assert.ok(counting.added > 0);
    assert.equal(counting.removed, counting.added);
    void connection.receive({ signal }).catch(() => {});
    connection.abort();
    await connection.closed;
    assert.equal(counting.removed, counting.added);
  },
);

test("Connection adds few listeners to a signal of a thousand calls", bounded, async () => {
  const pair = quiet();
  const connection = new Connection(pair, { framer: fixed(1) });
  const counting = new CountingSignal();
  const signal = counting as unknown as AbortSignal;
  const waiting = Array.from({ length: 1000 }, () => connection.receive({ signal }));
  assert.ok(counting.added <= 10, `${counting.added} listeners`);
  pair.push(new Uint8Array(1000));
  await Promise.all(waiting);
  assert.equal(counting.removed, counting.added);
});
