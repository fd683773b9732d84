import type { Codec } from "../codecs/codec.ts";

/** Text in which each character is one byte (ISO 8859-1): no bytes are invalid. */
export const latin1: Codec<Uint8Array, string> = {
  decode(frame) {
    let text = "";
    for (let index = 0; index < frame.length; index++) text += String.fromCharCode(frame[index]!);
    return text;
  },
  encode(text) {
    if (/[^\0-\xff]/.test(text)) {
      throw new TypeError("Cannot encode text: it has characters beyond U+00FF");
    }
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  },
};
