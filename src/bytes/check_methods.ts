/** Whether a value has all of these methods. */
export function hasMethods(value: unknown, ...methods: readonly string[]): boolean {
  const members = value as Readonly<Record<string, unknown>> | null | undefined;
  return methods.every((method) => typeof members?.[method] === "function");
}

/**
 * Checks a value by its methods.
 *
 * @param name What it is, for the error text.
 * @throws {TypeError} It lacks one of the methods.
 */
export function checkMethods(name: string, value: unknown, ...methods: readonly string[]): void {
  if (hasMethods(value, ...methods)) return;
  throw new TypeError(
    `Invalid ${name} of type ${typeof value}: expected an object with ${methods.join(" and ")}`,
  );
}
