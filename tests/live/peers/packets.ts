/**
 * Packets for the codecs of packets.
 *
 * @module
 */

/** The bytes that COBS and SLIP replace, and others. */
const SPECIAL = [0, 192, 219, 220, 221, 1, 255];

/** For each length up to 600 bytes, packets of one byte, of all bytes, and of special bytes. */
export const packets: readonly Buffer[] = Array.from({ length: 600 }, (_, index) => {
  const length = index + 1;
  return [
    Buffer.alloc(length, length),
    Buffer.from(Array.from({ length }, (_, at) => at * length & 255)),
    Buffer.from(Array.from({ length }, (_, at) => SPECIAL[at * length % SPECIAL.length]!)),
  ];
}).flat();
