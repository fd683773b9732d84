/**
 * Tables and numbers for the terminal.
 *
 * @module
 */

const colors = { green: 32, red: 31, bold: 1 };
const plain = Deno.noColor || !Deno.stdout.isTerminal();

/** Colors text if standard output is a terminal and `NO_COLOR` is not set. */
export function paint(color: keyof typeof colors, text: string): string {
  return plain ? text : `\x1b[${colors[color]}m${text}\x1b[0m`;
}

/** Returns a function that formats rows; columns of negative width are right-aligned. */
export function rows(...widths: number[]): (...cells: string[]) => string {
  return (...cells) =>
    cells.map((cell, index) => {
      const width = widths[index] ?? 0;
      return width < 0 ? cell.padStart(-width) : cell.padEnd(width);
    }).join("  ").trimEnd();
}

/** Formats an integer, as in `12,345`. */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** Formats a number of bytes, as in `1.5 MiB`. */
export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  let number = bytes;
  while (number >= 1000 && unit < units.length - 1) {
    number /= 1024;
    unit++;
  }
  return `${unit === 0 ? number : number.toFixed(1)} ${units[unit]}`;
}

/** Formats a duration, as in `1.2 s`. */
export function time(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
