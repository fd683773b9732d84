import type { Scale, Tick } from "./plot.ts";

/**
 * A scale on which each factor has the same length. It spans a decade at least: what differs little
 * must not look as if it differed much.
 *
 * @param from Where the least value lies in the picture, and `to` where the greatest does.
 */
export function logScale(
  values: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
): Scale {
  let low = Math.log10(Math.min(...values)) - 0.08;
  let high = Math.log10(Math.max(...values)) + 0.08;
  const lacking = Math.max(0, 1.2 - (high - low)) / 2;
  low -= lacking;
  high += lacking;
  return {
    ticks: ticksOf(low, high),
    place: (value) => from + (Math.log10(value) - low) / (high - low) * (to - from),
  };
}

/** One, two and five of each decade; only the one where there are many decades. */
function ticksOf(low: number, high: number): Tick[] {
  const ticks: Tick[] = [];
  for (let decade = Math.floor(low); decade <= Math.ceil(high); decade++) {
    for (const digit of high - low > 3 ? [1] : [1, 2, 5]) {
      // A quotient is exact where a product with 0.1 is not.
      const value = decade < 0 ? digit / 10 ** -decade : digit * 10 ** decade;
      const at = Math.log10(value);
      if (at >= low && at <= high) ticks.push({ value, label: numberText(value) });
    }
  }
  return ticks;
}

function numberText(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 9 });
}
