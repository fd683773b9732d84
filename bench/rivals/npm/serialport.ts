import type { Rival } from "../rival.ts";
import { load } from "./load.ts";
import { type Through, throughBytes, throughStrings } from "./through.ts";

interface Delimiter {
  readonly DelimiterParser: new (options: { readonly delimiter: string }) => Through;
}
interface Readline {
  readonly ReadlineParser: new (options: { readonly delimiter: string }) => Through;
}
interface ByteLength {
  readonly ByteLengthParser: new (options: { readonly length: number }) => Through;
}

/** The parsers of SerialPort. */
export const serialport: readonly Rival[] = [
  {
    name: "@serialport/parser-delimiter",
    streams: ["W4", "W5", "W6", "W8-short"],
    async prepare(work) {
      const { DelimiterParser } = await load<Delimiter>("@serialport/parser-delimiter");
      const delimiter = delimiterOf(work.name);
      return throughBytes(work, () => new DelimiterParser({ delimiter }));
    },
  },
  {
    name: "@serialport/parser-readline, strings",
    streams: ["W4s", "W6"],
    async prepare(work) {
      const { ReadlineParser } = await load<Readline>("@serialport/parser-readline");
      const delimiter = delimiterOf(work.name);
      return throughStrings(work, () => new ReadlineParser({ delimiter }));
    },
  },
  {
    name: "@serialport/parser-byte-length",
    streams: ["W1-fixed"],
    async prepare(work) {
      const { ByteLengthParser } = await load<ByteLength>("@serialport/parser-byte-length");
      return throughBytes(work, () => new ByteLengthParser({ length: 64 }));
    },
  },
];

function delimiterOf(name: string): string {
  return name === "W6" ? "\r\n\r\n" : "\n";
}
