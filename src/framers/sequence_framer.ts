import type { Framer } from "./framer.ts";

/** The framer of a sequence, whose frames are whole messages of several frames. */
export interface SequenceFramer extends Framer {
  /** Whether a message ends only where its own code says so, so that it can be neither skipped nor visited. */
  readonly sequence?: true;
}
