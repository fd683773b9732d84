import { NodeSocket, type Socket } from "../node_socket.ts";
import { nodeSessionOf, type SecureSocket, type Verification } from "./session.ts";
import type { TlsStream } from "./stream.ts";
import type { TlsSession, Transport } from "../transport.ts";

/** The members used of a socket of `node:tls`. */
export interface TlsSocket extends Socket, SecureSocket {
  readonly authorizationError?: string | null;
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "end" | "close" | "secureConnect", listener: () => void): this;
  on(event: "session", listener: (ticket: Uint8Array) => void): this;
  push(chunk: Uint8Array | null, encoding?: string): boolean;
}

/** A transport over the decrypted stream of a TLS connection. */
export class TlsTransport extends NodeSocket {
  readonly #transport: Transport;
  readonly tls: TlsSession;

  constructor(
    socket: TlsSocket,
    { stream, transport, highWaterMark, first }: {
      readonly stream: TlsStream;
      readonly transport: Transport;
      readonly highWaterMark: number;
      /** The verification of the session, if it was resumed. Node does not report it again. */
      readonly first: Verification | undefined;
    },
  ) {
    const { localAddress, remoteAddress } = transport;
    super(socket, {
      localAddress,
      remoteAddress,
      highWaterMark,
      flow: stream,
      checkEnd: (end) => end(stream.endFailure),
    });
    this.#transport = transport;
    this.tls = nodeSessionOf(socket, first);
  }

  override close(): void {
    super.close();
    this.#transport.close();
  }

  override abort(): void {
    this.closeLocally();
    this.#transport.abort();
    super.close();
  }

  ref(): void {
    this.#transport.ref?.();
  }

  unref(): void {
    this.#transport.unref?.();
  }
}
