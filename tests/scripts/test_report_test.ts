import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countFinished,
  excerptOf,
  parseReport,
  parseUncaught,
  type TestResult,
  UNCAUGHT,
  withoutTests,
} from "../../scripts/test_report.ts";

const file = "tests/a_test.ts";

test("parseReport() reads a report of Deno", () => {
  const results = parseReport(
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="1" errors="1" time="0.624">
    <testsuite name="./tests/a_test.ts" tests="4" disabled="1" errors="1" failures="1">
        <testcase name="says &lt;&amp;&gt; &quot;q&quot;" classname="./tests/a_test.ts" time="0.002">
        </testcase>
        <testcase name="fails" classname="./tests/a_test.ts" time="0.003" line="4" col="1">
            <failure message="Uncaught Error: one">Error: one
    at file:///root/tests/support/b_test.ts:1:1</failure>
        </testcase>
        <testcase name="skipped" classname="./tests/a_test.ts" time="0.000">
            <skipped/>
        </testcase>
        <testcase name="ends the process" classname="./tests/a_test.ts" time="0.000">
            <error message="Cancelled"/>
        </testcase>
    </testsuite>
</testsuites>`,
    "/root/",
  );
  assert.deepEqual(results, [
    { file, name: 'says <&> "q"', outcome: "passed", details: "" },
    {
      file,
      name: "fails",
      outcome: "failed",
      details: "Error: one\n    at file:///root/tests/support/b_test.ts:1:1",
    },
    { file, name: "skipped", outcome: "skipped", details: "" },
    { file, name: "ends the process", outcome: "failed", details: "Cancelled" },
  ]);
});

test("parseReport() reads a report of Bun", () => {
  const results = parseReport(
    `<testsuites name="bun test" tests="3" failures="1" skipped="1">
  <testsuite name="tests/a_test.ts" file="tests/a_test.ts" tests="3" failures="1" skipped="1">
    <testcase name="passes" classname="" time="0.0047" file="tests/a_test.ts" line="3" />
    <testcase name="fails" classname="" time="0.00398" file="tests/a_test.ts" line="4">
      <failure type="Error" message="one&#10;two">Error: one&#10;two&#10;</failure>
    </testcase>
    <testcase name="skipped" classname="" time="0" file="tests/a_test.ts" line="5">
      <skipped />
    </testcase>
  </testsuite>
</testsuites>`,
    "/root/",
  );
  assert.deepEqual(results, [
    { file, name: "passes", outcome: "passed", details: "" },
    { file, name: "fails", outcome: "failed", details: "Error: one\ntwo" },
    { file, name: "skipped", outcome: "skipped", details: "" },
  ]);
});

test("parseReport() reads a report of Node", () => {
  const results = parseReport(
    `<testsuites>
	<testcase name="a &lt;b> c" time="0.000944" classname="test" file="/root/tests/a_test.ts"/>
	<testcase name="skipped" time="0.000136" classname="test" file="/root/tests/a_test.ts">
		<skipped type="skipped" message="true"/>
	</testcase>
	<testcase name="fails" time="0.3" classname="test" file="/root/tests/a_test.ts" failure="one">
		<failure type="testCodeFailure" message="one">
[Error: one] { code: 'ERR_TEST_FAILURE' }
		</failure>
	</testcase>
</testsuites>`,
    "/root/",
  );
  assert.deepEqual(results, [
    { file, name: "a <b> c", outcome: "passed", details: "" },
    { file, name: "skipped", outcome: "skipped", details: "" },
    {
      file,
      name: "fails",
      outcome: "failed",
      details: "[Error: one] { code: 'ERR_TEST_FAILURE' }",
    },
  ]);
});

test("parseReport() takes from the log what a report of Node 22 lacks", () => {
  const xml = `<testsuites>
	<testcase name="says &amp;quot;q&amp;quot;" time="0.3" classname="test" failure="late">
		<failure type="testTimeoutFailure" message="late">late</failure>
	</testcase>
	<testcase name="tests/b_test.ts" time="0.1" classname="test" failure="test failed">
		<failure type="testCodeFailure" message="test failed">test failed</failure>
	</testcase>
</testsuites>`;
  const log = `✔ another (1ms)
Error: at load
    at file:///root/tests/b_test.ts:3:7
✖ tests/b_test.ts (125ms)

test at tests/a_test.ts:6:1
✖ says "q" (300ms)
  'late'
`;
  assert.deepEqual(parseReport(xml, "/root/", log), [
    { file, name: 'says "q"', outcome: "failed", details: "late" },
    {
      file: "tests/b_test.ts",
      name: "tests/b_test.ts",
      outcome: "failed",
      details: "Error: at load\n    at file:///root/tests/b_test.ts:3:7",
    },
  ]);
});

test("parseUncaught() finds the errors that no test caught", () => {
  const log = `ok\nx ${UNCAUGHT} ["file:///root/tests/a_test.ts","Error: one\\n    at x"]\nok\n`;
  assert.deepEqual(parseUncaught(log, "/root/"), [
    { file, name: "(uncaught error)", outcome: "failed", details: "Error: one\n    at x" },
  ]);
});

test("withoutTests() finds the files without tests, and the reason in Bun's log", () => {
  const result: TestResult = { file, name: "passes", outcome: "passed", details: "" };
  const log = "tests/a_test.ts:\n(pass) passes\ntests/b_test.ts:\nerror: at load";
  assert.deepEqual(withoutTests([result], [file, "tests/b_test.ts"], log), [
    { file: "tests/b_test.ts", name: "(no test)", outcome: "failed", details: "error: at load" },
  ]);
});

test("withoutTests() finds the files that Node reports as tests themselves", () => {
  for (const known of [file, ""]) {
    const results: TestResult[] = [
      { file: known, name: "passes", outcome: "passed", details: "" },
      { file: "tests/b_test.ts", name: "tests/b_test.ts", outcome: "passed", details: "" },
    ];
    assert.deepEqual(withoutTests(results, [file, "tests/b_test.ts"]), [
      { file: "tests/b_test.ts", name: "(no test)", outcome: "failed", details: "" },
    ]);
  }
});

test("countFinished() counts the finished tests in a log of each runtime", () => {
  assert.equal(
    countFinished("a ... ok (2ms)\nb ... FAILED (2ms)\nc ... ignored (0ms)\nd ...\n"),
    3,
  );
  assert.equal(countFinished("(pass) a [4ms]\n(fail) b\n(skip) c\nx\n"), 3);
  assert.equal(countFinished("✔ a (1ms)\n✖ b (1ms)\n﹣ c (1ms) # SKIP\nℹ tests 3\n"), 3);
});

test("excerptOf() indents the first lines and counts the others", () => {
  assert.equal(excerptOf("a\n\nb\nc", 2), "    a\n    b\n    (1 more in the log)");
});
