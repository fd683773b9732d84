/**
 * Checks an lcov report: the tests must cover every line and branch of the core.
 *
 *     deno coverage --lcov coverage | deno run scripts/check_coverage.ts
 *
 * @module
 */

const core = /\/src\/(bytes\/|framers\/|codecs\/|sequences\/|frame_|framing_failure\.ts)/;

const report = await new Response(Deno.stdin.readable).text();
const missed: string[] = [];
let files = 0;
let counted = 0;
for (const record of report.split("end_of_record")) {
  const path = /^SF:(.*)$/m.exec(record)?.[1];
  if (path === undefined || !core.test(path)) continue;
  files++;
  const file = path.slice(path.indexOf("/src/") + 1);
  for (const [, line, , , taken] of record.matchAll(/^BRDA:(\d+),(\d+),(\d+),(.*)$/gm)) {
    counted++;
    if (taken === "0" || taken === "-") missed.push(`${file}:${line}: branch not covered`);
  }
  for (const [, line, hits] of record.matchAll(/^DA:(\d+),(\d+)/gm)) {
    counted++;
    if (hits === "0") missed.push(`${file}:${line}: line not covered`);
  }
}
for (const line of missed) console.error(line);
console.log(`core: ${files} files, ${counted} lines and branches, ${missed.length} not covered`);
if (missed.length > 0 || files === 0) Deno.exit(1);
