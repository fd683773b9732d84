/** Says whether a value is a `Uint8Array`, of whatever realm and subclass, and no other kind of view. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) &&
    (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === "Uint8Array";
}
