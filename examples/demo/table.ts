/**
 * Tables and numbers that a person reads at a glance.
 *
 * @module
 */

const colours = { green: 32, red: 31, bold: 1 };
const plain = Deno.noColor || !Deno.stdout.isTerminal();

/** Text in a colour, where the reader is a terminal that wants colours. */
export function paint(colour: keyof typeof colours, text: string): string {
  return plain ? text : `\x1b[${colours[colour]}m${text}\x1b[0m`;
}

/** Makes rows: columns of positive width are flush left, those of negative width flush right. */
export function rows(...widths: number[]): (...cells: string[]) => string {
  return (...cells) =>
    cells.map((cell, index) => {
      const width = widths[index] ?? 0;
      return width < 0 ? cell.padStart(-width) : cell.padEnd(width);
    }).join("  ").trimEnd();
}

/** A whole number, as in `12,345`. */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** A number of bytes, as in `1.5 MiB`. */
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

/** A time, as in `1.2 s`. */
export function time(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
