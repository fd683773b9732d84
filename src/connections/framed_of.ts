import type { FramedTransport } from "./framed_transport.ts";

/** The parts of each connection, for `broadcast`. A static block of the class would stay in every bundle. */
// deno-lint-ignore no-explicit-any
export const framedOf: WeakMap<object, FramedTransport<any, any>> = /* @__PURE__ */ new WeakMap();
