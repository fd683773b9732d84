import type { Implementation } from "../implementation.ts";
import { framedStream } from "./framed_stream.ts";
import { itLengthPrefixed } from "./it_length_prefixed.ts";
import { parsers } from "./parsers.ts";
import { readline } from "./readline.ts";
import { transforms } from "./transforms.ts";

/** Libraries from npm, and Node's own module. */
export const npm: readonly Implementation[] = [
  framedStream,
  ...itLengthPrefixed,
  ...parsers,
  ...transforms,
  ...readline,
];
