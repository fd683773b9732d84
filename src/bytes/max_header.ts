/**
 * Maximum length of a header in bytes: with this many a framer must have answered, or said by `find`, `atLeast`
 * or `memo` how long the frame is at least. Of a frame that is skipped because it is too large, it may
 * look at this many of the first and of the last bytes.
 */
export const MAX_HEADER = 65_536;
