/**
 * Conformance tests for authors of framers and protocols: {@link verifyFramer}, {@link verifyProtocol}.
 *
 * @module
 */

export { type FramerCase, verifyFramer } from "./src/testing/verify_framer.ts";
export type { ExpectedError, ProtocolCase } from "./src/testing/protocol_case.ts";
export { verifyProtocol } from "./src/testing/verify_protocol.ts";
