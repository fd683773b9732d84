import type { Rival } from "../rival.ts";
import { byline } from "./byline.ts";
import { connect } from "./connect.ts";
import { binarySplit } from "./binary_split.ts";
import { framedStream } from "./framed_stream.ts";
import { frameStream } from "./frame_stream.ts";
import { itLengthPrefixed } from "./it_length_prefixed.ts";
import { lengthPrefixedStream } from "./length_prefixed_stream.ts";
import { netstring } from "./netstring.ts";
import { pgProtocol } from "./pg_protocol.ts";
import { readline } from "./readline.ts";
import { serialport } from "./serialport.ts";
import { split } from "./split.ts";

/** Who takes part from npm, and what Node itself brings. */
export const npm: readonly Rival[] = [
  pgProtocol,
  framedStream,
  frameStream,
  ...itLengthPrefixed,
  lengthPrefixedStream,
  netstring,
  connect,
  byline,
  binarySplit,
  ...serialport,
  ...split,
  ...readline,
];
