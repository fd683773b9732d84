/** Result of one test. */
export interface TestResult {
  /** Path relative to the root of the project; empty if the runner does not report it. */
  readonly file: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Text of the failure; otherwise empty. */
  readonly details: string;
}

/** Prefix of the lines that `uncaught.ts` prints. */
export const UNCAUGHT = "Uncaught in a test file:";

const ATTRIBUTES = String.raw`(?:\s+[\w-]+="[^"]*")*`;
const CASES = new RegExp(
  String.raw`<testcase(${ATTRIBUTES})\s*(?:/>|>([^]*?)</testcase>)`,
  "g",
);
const FAULT = new RegExp(
  String.raw`<(?:failure|error)(${ATTRIBUTES})\s*(?:/>|>([^]*?)</(?:failure|error)>)`,
);

/**
 * Parses a report in JUnit's XML format as Deno, Bun and Node write it.
 *
 * @param xml Content of the report.
 * @param root Path of the project, with which some reports prefix file names.
 * @param log Output of the runner, which supplies what the report lacks.
 */
export function parseReport(xml: string, root: string, log: string = ""): TestResult[] {
  return Array.from(xml.matchAll(CASES), ([, text = "", body = ""]) => {
    const { name = "", file, classname } = attributesOf(text);
    const fault = FAULT.exec(body);
    const { message = "" } = attributesOf(fault?.[1] ?? "");
    const stack = unescape(fault?.[2] ?? "").trim();
    const path = file ?? testFile(classname) ?? testFile(name) ?? fileInLog(name, log) ??
      testFile(stack) ?? "";
    const details = testFile(name) === name ? beforeInLog(name, log) : stack || message;
    return {
      file: relative(path, root),
      name,
      outcome: fault ? "failed" : body.includes("<skipped") ? "skipped" : "passed",
      details: fault ? details : "",
    };
  });
}

/** Returns the errors that `uncaught.ts` printed, as failures of their files. */
export function parseUncaught(log: string, root: string): TestResult[] {
  return log.split("\n").filter((line) => line.includes(UNCAUGHT)).map((line) => {
    const json = line.slice(line.indexOf(UNCAUGHT) + UNCAUGHT.length);
    const [file, details] = JSON.parse(json) as [string, string];
    return { file: relative(file, root), name: "(uncaught error)", outcome: "failed", details };
  });
}

/** Returns the files without tests, as failures. */
export function withoutTests(
  results: readonly TestResult[],
  files: readonly string[],
  log: string = "",
): TestResult[] {
  // Node reports such a file as a test that passed.
  const tests = results.filter(({ file, name, outcome }) => outcome === "failed" || file !== name);
  const named = new Set(tests.map(({ file }) => file));
  const silent = named.has("")
    ? results.filter((result) => !tests.includes(result)).map(({ file }) => file)
    : files.filter((file) => !named.has(file));
  return silent.map((file) => {
    return { file, name: "(no test)", outcome: "failed", details: afterInLog(file, log) };
  });
}

/** Counts the tests that have finished, according to a log. */
export function countFinished(log: string): number {
  const ends = / \.\.\. (?:ok|FAILED|ignored) \(|^ *(?:[✔✖﹣]|\((?:pass|fail|skip)\)) /gm;
  return log.match(ends)?.length ?? 0;
}

/** Returns the first lines of a text, indented. */
export function excerptOf(text: string, count: number): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const left = lines.length > count ? [`(${lines.length - count} more in the log)`] : [];
  return [...lines.slice(0, count), ...left].map((line) => `    ${line}`).join("\n");
}

/** Finds the file of a failed test in Node's log: the report of Node 22 does not name it. */
function fileInLog(name: string, log: string): string | undefined {
  const lines = log.split("\n");
  const at = lines.findIndex((line, index) => {
    return line.startsWith(`✖ ${name} (`) && lines[index - 1]?.startsWith("test at ");
  });
  return /^test at (.*):\d+:\d+$/.exec(lines[at - 1] ?? "")?.[1];
}

/** Finds why a file could not be run in Node's log, which has the reason before the file's result. */
function beforeInLog(file: string, log: string): string {
  const lines = log.split("\n");
  const end = lines.findIndex((line) => line.startsWith(`✖ ${file} (`));
  const before = lines.slice(0, Math.max(0, end));
  return before.slice(before.findLastIndex((line) => /^[✔✖﹣]/.test(line)) + 1).join("\n");
}

/** Finds why a file could not be run in Bun's log, which has the reason after the file's name. */
function afterInLog(file: string, log: string): string {
  const lines = log.split("\n");
  const start = lines.indexOf(`${file}:`) + 1;
  if (start === 0) return "";
  const after = lines.slice(start);
  const end = after.findIndex((line) => /_test\.ts:$/.test(line));
  return after.slice(0, end < 0 ? undefined : end).join("\n");
}

function attributesOf(text: string): Record<string, string | undefined> {
  return Object.fromEntries(
    Array.from(text.matchAll(/([\w-]+)="([^"]*)"/g), ([, key, value]) => [key!, unescape(value!)]),
  );
}

function testFile(text: string | undefined): string | undefined {
  return /[^\s():"']*_test\.[jt]s/.exec(text ?? "")?.[0];
}

function relative(file: string, root: string): string {
  return file.replace(/^(?:file:)?\/\/(?=\/)/, "").replace(root, "").replace(/^\.\//, "");
}

/** Decodes XML entities; ampersands come first because Node 22 escapes twice. */
function unescape(text: string): string {
  return text.replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"').replaceAll("&apos;", "'")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
