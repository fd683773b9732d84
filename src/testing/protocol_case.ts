/** An error that a stream causes, in a {@link ProtocolCase}. */
export interface ExpectedError {
  /** Class of the error. */
  readonly type: abstract new (...parameters: never[]) => Error;
  /** Position in the stream of the first byte that is invalid; default: any. */
  readonly offset?: number;
  /** Pattern that the error's message matches; default: any. */
  readonly message?: RegExp;
}

/**
 * A stream and its messages, for {@link verifyProtocol}.
 *
 * @typeParam In A received message.
 * @typeParam Out A sent message; by default the same type.
 *
 * @example Blank lines belong to no message, and a line that is not JSON costs only itself
 * ```ts
 * import { CodecError, json, lines } from "@framewright/framewright";
 * import { type ProtocolCase, verifyProtocol } from "@framewright/framewright/testing";
 *
 * const cases: ProtocolCase<unknown>[] = [
 *   { messages: [{ id: 1 }, null], bytes: '{"id":1}\nnull\n' },
 *   { messages: [1, 2], bytes: "\n1\r\n\n2\n", written: false },
 *   { messages: [1, 2], bytes: "1\n{\n2\n", invalid: [{ type: CodecError, offset: 2 }] },
 * ];
 * await verifyProtocol({ framer: lines({ strict: true, skipEmpty: true }), codec: json() }, cases);
 * ```
 */
export interface ProtocolCase<In, Out = In> {
  /** The messages that are read from the stream, in order. */
  readonly messages: readonly In[];
  /**
   * Bytes of the stream, strings as UTF-8; default: the messages as the protocol writes them. They may contain
   * bytes that the protocol discards, such as blank lines and comments: these are part of no message.
   */
  readonly bytes?: string | Uint8Array;
  /**
   * The messages that are written as `bytes`, exactly. `true` for `messages`, the default if there are any and no
   * errors; `false` if the bytes are only read, because the protocol writes other ones or nothing.
   */
  readonly written?: readonly Out[] | boolean;
  /**
   * Errors that are reported to `onInvalid`, in order: messages that cannot be decoded, messages over the limit, and
   * invalid bytes that belong to no message. All of `messages` are read in spite of them. Default: none.
   */
  readonly invalid?: readonly (ExpectedError["type"] | ExpectedError)[];
  /** The error after the messages, which ends the stream; default: none. */
  readonly error?: ExpectedError["type"] | ExpectedError;
  /**
   * Whether the stream may end inside a message, which then is cut short or discarded; default `false`: this is a
   * `TruncatedFrameError`.
   */
  readonly endsAnywhere?: boolean;
}
