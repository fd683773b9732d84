/** Names a value of the wrong type for an error text: `"null"`, `"a string"`, `"a Socket"`. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === "object" ? value.constructor?.name ?? "object" : typeof value;
  return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}`;
}
