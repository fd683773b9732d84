import { ignoreFailure } from "../../async/pending_calls.ts";
import { hasMethods } from "../../bytes/check_methods.ts";
import { describe } from "../../bytes/describe.ts";
import { ipAddress } from "../address.ts";
import { nodeSessionOf, type SecureSocket } from "../tls/session.ts";
import { type BunClientSocket, bunSocketTransport, isBunSocket } from "../bun/foreign_socket.ts";
import type { Transport } from "../transport.ts";
import type { NodeDuplex } from "./duplex.ts";
import type { Readable, Writable } from "./stream_ends.ts";
import { StreamsTransport } from "./streams_transport.ts";

/**
 * Creates a transport over a two-way stream of Node: a `net.Socket`, a `tls.TLSSocket`, a channel of SSH, a
 * serial port, or any other `Duplex`. It runs wherever the stream does.
 *
 * The transport reads only on demand: the stream buffers what it buffers by itself. Bytes that it has already
 * buffered are read first. It sets `allowHalfOpen`, so that this side can send after the peer's end. `abort`
 * resets the connection of a `net.Socket`, and destroys other streams.
 *
 * Node does not report whether a `tls.TLSSocket` ended without close_notify. Use `connect`, or `startTls` of a
 * connection, if the messages do not show that they are complete.
 *
 * A socket of `Bun.connect` is taken over with its handlers, before it has received anything.
 *
 * @param stream The stream, connected or connecting. Nothing else may read or write it.
 * @throws {TypeError} The value is not such a stream, it is being read already, `setEncoding` was called, or
 * `Bun.listen` has accepted the socket: all of its sockets share their handlers.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PassThrough } from "node:stream";
 * import { Connection, duplexTransport, lines, text } from "@framewright/framewright";
 *
 * const protocol = { framer: lines(), codec: text() };
 * const connection = new Connection(duplexTransport(new PassThrough()), protocol);
 * await connection.send("hello");
 * assert.equal(await connection.receive(), "hello");
 * await connection.close();
 * ```
 */
export function duplexTransport(stream: NodeDuplex | BunClientSocket): Transport {
  if (isBunSocket(stream)) return bunSocketTransport(stream);
  const reason = refusal(stream);
  if (reason === undefined) return new DuplexTransport(stream);
  throw new TypeError(`Cannot create transport: ${reason}`);
}

/** The members used of sockets, which other streams do not have. */
interface Details extends Readable, Writable, Partial<SecureSocket> {
  allowHalfOpen?: boolean;
  readonly readableEncoding?: string | null;
  readonly writableLength?: number;
  readonly encrypted?: boolean;
  readonly secureConnecting?: boolean;
  readonly connecting?: boolean;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  listenerCount?(event: string): number;
  resetAndDestroy?(): unknown;
}

class DuplexTransport extends StreamsTransport {
  readonly #stream: NodeDuplex & Details;
  #resets = false;

  constructor(stream: NodeDuplex & Details) {
    super(stream, stream);
    this.#stream = stream;
    if (stream.allowHalfOpen === false) stream.allowHalfOpen = true;
    this.#onConnect();
    this.#onSecure();
    if (stream.connecting) stream.on("connect", this.#onConnect);
    if (!stream.encrypted) return;
    for (const event of ["secure", "secureConnect"]) stream.on(event, this.#onSecure);
  }

  override abort(): void {
    this.#resets = true;
    this.close();
  }

  protected override destroy(): void {
    if (this.#resets) ignoreFailure(() => reset(this.#stream));
    else super.destroy();
  }

  readonly #onConnect = (): void => {
    const { localAddress, localPort, remoteAddress, remotePort } = this.#stream;
    this.localAddress = ipAddress(localAddress, localPort);
    this.remoteAddress = ipAddress(remoteAddress, remotePort);
  };

  readonly #onSecure = (): void => {
    const { encrypted, secureConnecting } = this.#stream;
    if (encrypted && !secureConnecting) this.tls = nodeSessionOf(this.#stream as SecureSocket);
  };
}

/** Returns why a transport over this value is impossible. */
function refusal(value: unknown): string | undefined {
  const name = describe(value);
  const stream = (value ?? {}) as NodeDuplex & Details;
  if (!hasMethods(value, "read", "write", "end", "destroy", "on", "off")) {
    return `expected a Duplex of Node, got ${name}`;
  }
  if (stream.readableEncoding) return `expected bytes, but setEncoding() of ${name} was called`;
  const listeners = ["data", "readable"].some((event) => (stream.listenerCount?.(event) ?? 0) > 0);
  return listeners ? `${name} is being read by another listener` : undefined;
}

/** Resets the connection of a socket, and destroys any other stream, whose `resetAndDestroy` would throw. */
function reset(stream: NodeDuplex & Details): void {
  const { connecting, destroyed, writableEnded, writableFinished, writableLength } = stream;
  // A reset fails while the socket sends its end, and the socket is then never released (Node 20 to 26).
  const sendsEnd = writableEnded && !writableFinished && writableLength === 0;
  const destroy = () => {
    if (!connecting && !destroyed) ignoreFailure(() => stream.resetAndDestroy?.());
    if (!stream.destroyed) stream.destroy();
  };
  if (sendsEnd && stream.resetAndDestroy !== undefined) stream.on("finish", destroy);
  else destroy();
}
