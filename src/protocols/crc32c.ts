/** The polynomial of CRC-32C, its bits in reverse. */
const POLYNOMIAL = 0x82f63b78;

/** Returns the CRC-32C of bytes (RFC 3720, appendix B.4), for short inputs: it uses no table. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
  }
  return ~crc >>> 0;
}
