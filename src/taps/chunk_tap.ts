import { overlay } from "../transports/overlay.ts";
import type { Transport } from "../transports/transport.ts";
import type { Tap } from "./tap.ts";

/** Reports the chunks of a connection to a tap. Offsets continue when TLS replaces the transport. */
export class ChunkTap {
  readonly #tap: Tap;
  #received = 0;
  #sent = 0;

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  /** Returns a transport that reports the traffic of another one to the tap. */
  over(transport: Transport): Transport {
    return overlay(transport, {
      read: async () => {
        const bytes = await transport.read();
        if (bytes === undefined) {
          this.#tap.end?.({ direction: "in" });
        } else {
          this.#tap.chunk?.({ direction: "in", offset: this.#received, bytes });
          this.#received += bytes.length;
        }
        return bytes;
      },
      readInto: undefined,
      write: (chunks) => {
        for (const bytes of chunks) {
          this.#tap.chunk?.({ direction: "out", offset: this.#sent, bytes });
          this.#sent += bytes.length;
        }
        return transport.write(chunks);
      },
      closeWrite: async () => {
        await transport.closeWrite();
        this.#tap.end?.({ direction: "out" });
      },
      startTls: undefined,
    });
  }
}
