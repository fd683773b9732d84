/**
 * Maximum length in bytes of a header that a framer waits for without saying anything about the frame by
 * `find`, `atLeast` or `memo`. Bytes beyond it count as part of the frame.
 */
export const MAX_HEADER = 65_536;
