import { describe } from "./describe.ts";

/** Maximum number of characters of a value in an error text. */
const MAX_SHOWN = 64;

/**
 * Creates the error of an option with an invalid value.
 *
 * @param expected What the value must be, as in `"a positive number"`.
 */
export function invalidOption(
  name: string,
  value: unknown,
  expected: string,
  ErrorClass: ErrorConstructor = TypeError,
): Error {
  return new ErrorClass(`Invalid ${name} ${shown(value)}: expected ${expected}`);
}

/**
 * Checks the type of an option that may be `undefined`.
 *
 * @param type The type with its article, as {@link describe} names it.
 * @throws {TypeError} The value has another type.
 */
export function checkType(name: string, value: unknown, type: "a boolean" | "a function"): void {
  if (value !== undefined && describe(value) !== type) throw invalidOption(name, value, type);
}

/**
 * Checks that an option, which may be `undefined`, is one of several texts.
 *
 * @throws {TypeError} It is not.
 */
export function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value as string)) return;
  const quoted = choices.map((choice) => `"${choice}"`);
  const last = quoted.pop();
  throw invalidOption(name, value, `${quoted.join(", ")} or ${last}`);
}

/**
 * Checks an integer; by default any that is not negative.
 *
 * @throws {RangeError | TypeError} It is no integer, or out of range.
 */
export function checkInteger(name: string, value: number, min = 0, max: number = Infinity): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const range = max < Infinity ? `an integer from ${min} to ${max}` : "a non-negative integer";
  throw invalidNumber(name, value, min > -Infinity ? range : "an integer");
}

/**
 * Checks and returns a limit.
 *
 * @param unit Unit of the limit, for the error text.
 * @throws {RangeError | TypeError} The value is not a positive number.
 */
export function limit(name: string, value: number, unit = "number"): number {
  if (typeof value === "number" && value > 0) return value;
  throw invalidNumber(name, value, `a positive ${unit} or Infinity`);
}

function invalidNumber(name: string, value: unknown, expected: string): Error {
  return invalidOption(name, value, expected, typeof value === "number" ? RangeError : TypeError);
}

/**
 * Checks an optional signal, which may come from another realm.
 *
 * @throws {TypeError} The value is not a signal, but for example its controller.
 */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || typeof signal?.addEventListener === "function") return;
  throw invalidOption("signal", signal, "an AbortSignal");
}

function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.slice(0, MAX_SHOWN));
    case "number":
    case "boolean":
      return `${value}`;
  }
  return `(${describe(value)})`;
}
