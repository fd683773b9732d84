/** A custom framing, the length octets of BER and DER (ITU-T X.690, 8.1.3), and its verification. */
import {
  FrameDecoder,
  FrameEncoder,
  type LengthPrefix,
  lengthPrefixed,
  MalformedFrameError,
} from "@framewright/framewright";
import { verifyFramer } from "@framewright/framewright/testing";

/** A length up to 127 is one byte; a longer one follows a byte that gives its size in bytes. */
const ber: LengthPrefix = {
  read(input) {
    const first = input.peek();
    if (first === undefined) return undefined;
    if (first < 0x80) return input.readUint(1);
    const size = first - 0x80;
    if (size < 1 || size > 6) throw new MalformedFrameError(`length has ${size} bytes`);
    if (input.length < 1 + size) return undefined;
    input.skip(1);
    return input.readUint(size as 1 | 2 | 3 | 4 | 5 | 6);
  },
  write(length, output) {
    if (length < 0x80) return output.writeUint(length, 1);
    const size = length < 0x100 ? 1 : length < 0x10000 ? 2 : 4;
    output.writeUint(0x80 + size, 1);
    output.writeUint(length, size);
  },
};

const framer = lengthPrefixed(ber);
verifyFramer(framer, [{
  frames: ["", "short", "x".repeat(127), "y".repeat(128), "z".repeat(300)],
}]);
console.log("The frames are the same wherever the bytes are cut.");

const encoder = new FrameEncoder({ framer });
encoder.write(new Uint8Array(300));
const decoder = new FrameDecoder({ framer });
for (const chunk of encoder.drain()) decoder.push(chunk);
console.log(decoder.read()?.length, "bytes decoded");
