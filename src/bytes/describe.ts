/**
 * Names the kind of a value for an error text: `"null"`, `"a string"`, `"an ArrayBuffer"`, `"a Socket"`.
 * The value itself is never part of the text, since it may be secret or come from a peer.
 */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  const type = typeof value;
  const name = type === "object" && Object.getPrototypeOf(value)?.constructor?.name || type;
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}
