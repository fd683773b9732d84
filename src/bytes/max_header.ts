/**
 * Maximum length of a header in bytes: given this many, a framer must answer, or imply a minimum length by
 * `find`, `atLeast` or `memo`. While a frame that is too large is being skipped, a framer may look at this
 * many of its first and of its last bytes.
 */
export const MAX_HEADER = 65_536;

/** The reason why a longer header is malformed. */
export const LONG_HEADER = "its header is over 65536 bytes";
