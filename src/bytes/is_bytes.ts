/** Whether a value is a `Uint8Array`, of this realm or another one, such as an iframe or a `vm` context. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && value[Symbol.toStringTag as never] === "Uint8Array");
}
