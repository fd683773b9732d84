import { hexadecimal } from "../bytes/hexadecimal.ts";

/** Maximum number of bytes of a frame shown in an error message. */
const SHOWN_BYTES = 16;

/**
 * Throws the error of a framer that fails verification.
 *
 * @param where The case and how it was delivered.
 * @param what Description of the failure.
 * @param cause The error that the framer threw, if any.
 */
export function fail(where: string, what: string, cause?: unknown): never {
  throw new Error(`Framer fails verification: ${where}: ${what}`, { cause });
}

/**
 * Compares frames with the expected ones.
 *
 * @throws {Error} The frames differ.
 */
export function compareFrames(
  frames: readonly Uint8Array[],
  expected: readonly Uint8Array[],
  where: string,
): void {
  for (let index = 0; index < Math.max(frames.length, expected.length); index++) {
    const [actual, wanted] = [frames[index], expected[index]];
    if (actual !== undefined && wanted !== undefined && equalBytes(actual, wanted)) continue;
    fail(where, `frame ${index} is ${show(actual)}, not ${show(wanted)}`);
  }
}

/** Whether two arrays hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function show(frame: Uint8Array | undefined): string {
  if (frame === undefined) return "missing";
  const shown = Array.from(frame.subarray(0, SHOWN_BYTES), (byte) => hexadecimal(byte));
  return `<${shown.join(" ")}${frame.length > SHOWN_BYTES ? " …" : ""}> (${frame.length} bytes)`;
}
