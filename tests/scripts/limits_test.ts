import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = decodeURIComponent(new URL("..", import.meta.url).pathname);

/** Patterns that only `limits.ts`, `connections.ts` and `unless.ts` may contain, and their replacements. */
const forbidden: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\btimeout: \d+_000\b/, "bounded, or within()"],
  [/\bfunction (?:sleep|pause)\(/, "sleep()"],
  [/\bsetTimeout\(resolve, \d{2,}/, "sleep(), or resolves()"],
  [/\b(?:settimeout\(|alarm\(|create_connection\(\(.*\), )\d/, "scaled()"],
  [/process\.exit\(3\), \d/, "scaled()"],
  [/\bconst textLines = \{ framer/, "textLines of connections.ts"],
  [/\(skipped: \$\{/, "unless()"],
];

test("Tests take their limits, pauses and skips from tests/support", () => {
  const found = readdirSync(folder, { recursive: true }).map(String)
    .filter((file) => file.endsWith(".ts") && !/^(?:web|scripts)\//.test(file))
    .filter((file) => !/^support\/(?:limits|connections|unless)\.ts$/.test(file))
    .flatMap((file) => {
      const lines = readFileSync(`${folder}${file}`, "utf8").split("\n");
      return lines.flatMap((line, index) =>
        forbidden.filter(([pattern]) => pattern.test(line))
          .map(([, instead]) => `${file}:${index + 1}: use ${instead}`)
      );
    });
  assert.deepEqual(found, []);
});
