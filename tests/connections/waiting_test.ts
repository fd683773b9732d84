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

/** Numbers of waiting calls whose times are compared. */
const FEW = 2_000;
const MANY = 8 * FEW;

/** Linear growth is 8, quadratic growth 64. */
const MOST_GROWTH = 24;

/** Maximum ratio of the time of many calls to the time of as many bare promises. */
const MOST_OVERHEAD = 6;

type Prepare = (count: number) => () => unknown;

/**
 * Requires that the duration of the work grows about linearly with the number of calls. A round may be
 * disturbed; quadratic growth fails in all of them.
 */
async function isLinear(prepare: Prepare): Promise<void> {
  await timeOf(prepare, FEW);
  const rounds: string[] = [];
  for (let round = 0; round < 4; round++) {
    const few = await timeOf(prepare, FEW);
    const many = await timeOf(prepare, MANY);
    if (many < MOST_GROWTH * few) return;
    const bare = await timeOf(barePromises, MANY);
    if (many < MOST_OVERHEAD * bare) return;
    rounds.push(`${FEW} take ${few} ms, ${MANY} take ${many} ms, bare promises ${bare} ms`);
  }
  assert.fail(rounds.join("; "));
}

async function timeOf(prepare: Prepare, count: number): Promise<number> {
  const work = prepare(count);
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Promises that signals reject one by one. */
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

/** A pair whose peer sends the chunks of `push`, and reads everything or nothing. */
function quiet(takes = true): StreamPair & { push(chunk: Uint8Array): void } {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  return {
    readable: new ReadableStream({ start: (given) => void (controller = given) }),
    writable: new WritableStream({ write: () => takes ? undefined : new Promise(() => {}) }),
    push: (chunk) => controller.enqueue(chunk),
  };
}

/** Signals for calls, and how they abort. */
const aborts: Record<string, (count: number) => { signals: AbortSignal[]; abort(): void }> = {
  "at once by one signal"(count) {
    const controller = new AbortController();
    const signals = new Array<AbortSignal>(count).fill(controller.signal);
    return { signals, abort: () => controller.abort() };
  },
  "one by one"(count) {
    const controllers = Array.from({ length: count }, () => new AbortController());
    const abort = () => controllers.forEach((controller) => controller.abort());
    return { signals: controllers.map(({ signal }) => signal), abort };
  },
  "one by one, the last one first"(count) {
    const controllers = Array.from({ length: count }, () => new AbortController());
    const abort = () => controllers.toReversed().forEach((controller) => controller.abort());
    return { signals: controllers.map(({ signal }) => signal), abort };
  },
};

/** Calls that wait, each with a signal. */
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
    test(`${name} that thousands wait for is aborted in linear time, ${how}`, bounded, async () => {
      await isLinear((count) => {
        const call = prepare();
        const { signals, abort } = aborting(count);
        return async () => {
          // Handled before they reject: Deno looks through all rejections that are not.
          const settled = Promise.allSettled(signals.map((signal) => call(signal)));
          abort();
          const results = await settled;
          assert.equal(results.filter(({ status }) => status === "rejected").length, count);
        };
      });
    });
  }
}

test("Connection.receive() serves thousands that wait in linear time", bounded, async () => {
  await isLinear((count) => {
    const pair = quiet();
    const connection = new Connection(pair, { framer: fixed(1) });
    return async () => {
      const { signal } = new AbortController();
      const waiting = Array.from({ length: count }, () => connection.receive({ signal }));
      pair.push(new Uint8Array(count));
      await Promise.all(waiting);
    };
  });
});

test("Connection.abort() ends thousands that wait in linear time", bounded, async () => {
  await isLinear((count) => {
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

test("Connection.receive() leaves those that are not aborted in their order", bounded, async () => {
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

/** A signal that counts its listeners. */
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

test("Connection leaves no listener with a signal once its calls are served", bounded, async () => {
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
});

test("Connection adds few listeners to a signal that thousands wait under", bounded, async () => {
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
