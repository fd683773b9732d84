import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteReader } from "../../mod.ts";
import { ByteQueue } from "../../src/bytes/byte_queue.ts";
import { watchedFramer } from "../../src/testing/watched_framer.ts";
import { bytes } from "../support/bytes.ts";
import { bounded } from "../support/limits.ts";

const LF = bytes("\n");

/** Uses every member of a reader and returns the results. */
function use(input: ByteReader): unknown[] {
  const answers: unknown[] = [input.length, input.ended, input.offset, input.memo];
  input.memo = "memo";
  answers.push(input.memo, input.peek(), input.peek(2), input.peek(99));
  answers.push(input.readUint(2), input.readUint(2, true), input.readUint(6));
  input.skip(-3);
  answers.push(input.offset, input.look(2), input.look(99));
  answers.push(input.find(LF), input.find(LF, { from: 5 }), input.find(LF, { within: 1 }));
  answers.push(input.find(bytes("d\n"), { partial: true }), input.earliestEnd);
  input.atLeast(3);
  answers.push(input.earliestEnd);
  input.drop(1);
  input.expect(LF);
  input.expect(bytes("x"), { optional: true });
  return answers;
}

function queue(ended: boolean): ByteQueue {
  const input = new ByteQueue();
  input.push(bytes("abcd\nefgd"));
  if (ended) input.finish();
  input.rewind();
  return input;
}

test(
  "watchedFramer() forwards every use of the reader and returns the framer's answer",
  bounded,
  () => {
    for (const ended of [false, true]) {
      const [plain, watched] = [queue(ended), queue(ended)];
      const expected = use(plain);
      let answers: unknown[] = [];
      const framer = watchedFramer({
        measure(input) {
          answers = use(input);
          return 3;
        },
        write: () => {},
      }, () => assert.fail("unexpected report"));
      assert.equal(framer.measure(watched), 3);
      assert.deepEqual(answers, expected);
      assert.equal(watched.memo, "memo");
      assert.equal(watched.extent(3), plain.extent(3));
      assert.equal(watched.certain, plain.certain);
      assert.equal(watched.take(3), plain.take(3));
    }
  },
);

test(
  'watchedFramer() reports every change to the reader left behind with "not yet"',
  bounded,
  () => {
    const reports: string[] = [];
    const framer = watchedFramer({
      measure(input) {
        input.skip(2);
        input.drop(3);
        input.expect(LF);
        return undefined;
      },
      write: () => {},
    }, (violation) => reports.push(violation));
    assert.equal(framer.measure(queue(false)), undefined);
    assert.deepEqual(reports, [
      'answered "not yet" to 9 bytes with the cursor moved by 2 bytes',
      'answered "not yet" to 9 bytes with 3 bytes dropped',
      'answered "not yet" to 9 bytes with a trailer expected',
    ]);
  },
);

test(
  'watchedFramer() accepts discarded bytes with "not yet", and nothing else',
  bounded,
  () => {
    for (const moved of [0, 1]) {
      const reports: string[] = [];
      const input = queue(false);
      const framer = watchedFramer({
        measure(reader) {
          reader.discard(2, "noise");
          reader.skip(moved);
          if (moved === 1) reader.expect(LF, { optional: true });
          return undefined;
        },
        write: () => {},
      }, (violation) => reports.push(violation));
      assert.equal(framer.measure(input), undefined);
      assert.equal(input.frameOffset, 2);
      assert.equal(input.noise?.message, "noise");
      assert.deepEqual(
        reports,
        moved === 0 ? [] : [
          'answered "not yet" to 9 bytes with the cursor moved by 1 byte',
          'answered "not yet" to 9 bytes with a trailer expected',
        ],
      );
    }
  },
);
