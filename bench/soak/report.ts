import process from "node:process";

/** What one side counts, and tells once a second. */
export interface Report {
  connections: number;
  opened: number;
  messages: number;
  bytes: number;
  failures: number;
  failure?: string;
  rss: number;
}

/** Starts counting. `done`: these are the last figures. */
export function counters(): Report {
  return { connections: 0, opened: 0, messages: 0, bytes: 0, failures: 0, rss: 0 };
}

/** Tells the process that started this one. */
export function tell(kind: "ready" | "now" | "done", value: unknown): void {
  process.stdout.write(JSON.stringify({ kind, value }) + "\n");
}

/** Tells the figures, with the memory that the process takes. */
export function tellReport(kind: "now" | "done", report: Report): void {
  report.rss = process.memoryUsage().rss;
  tell(kind, report);
}

/** Notes what went wrong: the first failure is told. */
export function note(report: Report, error: unknown): void {
  report.failures++;
  report.failure ??= String(error);
}

/** Resolves when the process that started this one says a word. */
export function told(): Promise<void> {
  return new Promise((resolve) => process.stdin.once("data", () => resolve()));
}
