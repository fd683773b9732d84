import {
  type BunHandlers,
  type BunReceiver,
  type BunSocket,
  type BunTlsOptions,
  handlers,
} from "./socket.ts";
import { BunTransport, type BunTransportOptions } from "./transport.ts";
import {
  CLOSED_IN_HANDSHAKE,
  CLOSED_LOCALLY,
  connectionError,
  failureOf,
  NO_CLOSE_NOTIFY,
  TransportFailure,
} from "../connection_error.ts";
import { PushQueue } from "../push_queue.ts";
import { storedSession } from "../sessions.ts";
import { credentialsOf } from "../tls/node_tls.ts";
import { sessionOf } from "../tls/session.ts";
import { contextFor } from "../server_name.ts";
import { TlsRecords } from "./tls_records.ts";
import type { TlsOptions, TlsSession } from "../transport.ts";

declare const Bun: { readonly version: string };
declare const process: {
  getBuiltinModule(name: "node:net"): { isIP(hostname: string): number };
  getBuiltinModule(name: "node:tls"): {
    createSecureContext(options: Partial<BunTlsOptions>): { readonly context: object };
  };
};

/** Parameters of a handshake. */
export interface BunHandshake extends BunTransportOptions {
  readonly options: TlsOptions;
  /** The host connected to; `undefined` if this side is the server. */
  readonly host: string | undefined;
  /** Bytes that were read before and belong to TLS. */
  readonly received: Uint8Array;
}

/** A transport over the decrypted side of a socket that was upgraded to TLS. */
export class BunTlsTransport extends BunTransport {
  readonly #socket: BunSocket;
  readonly #rejectsUnauthorized: boolean;
  readonly #requestsCertificate: boolean;
  readonly #acceptsTruncated: boolean;
  readonly #records: TlsRecords;
  #handshake: { resolve(): void; reject(error: unknown): void } | undefined;
  #tls: TlsSession | undefined;
  #version = "";
  /** Resolves after the handshake. */
  readonly ready: Promise<void>;

  /** @throws {ConnectionError} This version of Bun does not verify certificates. */
  constructor(plain: BunSocket, handshake: BunHandshake) {
    requireVerification();
    const options = tlsOptions(handshake);
    const { isServer, requestCert, rejectUnauthorized } = options;
    const records = new TlsRecords();
    const observer = recordObserver(records);
    let refusal: unknown;
    const [raw, socket] = plain.upgradeTLS({
      // Bytes that are passed to TLS may fail during this call.
      data: { ...observer, handshakeEnded: (_, error) => refusal = error },
      isServer,
      allowHalfOpen: true,
      socket: handlersFor(handshake),
      tls: options,
      initialData: handshake.received.length > 0 ? handshake.received : undefined,
    });
    super(socket, handshake, new PlaintextQueue(socket, handshake.highWaterMark, records));
    this.#socket = socket;
    this.#records = records;
    this.#requestsCertificate = !isServer || requestCert;
    this.#rejectsUnauthorized = this.#requestsCertificate && rejectUnauthorized;
    this.#acceptsTruncated = handshake.options.closeNotify === "optional";
    this.ready = new Promise((resolve, reject) => this.#handshake = { resolve, reject });
    raw.data = observer;
    records.push(handshake.received);
    // It was paused to keep the peer's first bytes for TLS.
    if (refusal === undefined) socket.resume();
    else this.failed(refusal);
  }

  get tls(): TlsSession | undefined {
    return this.#tls;
  }

  /** Whether the peer has sent any bytes. */
  get hasReceived(): boolean {
    return this.#records.started;
  }

  /** Aborts the handshake with the caller's reason. */
  abandon(reason: unknown): void {
    this.#handshake?.reject(reason);
    this.#handshake = undefined;
    super.failed(CLOSED_LOCALLY);
    this.#socket.terminate();
  }

  handshakeEnded(done: boolean, error: unknown): void {
    // Without verification, Bun 1.4 reports a certificate for another name as a failure, but continues.
    const succeeded = done ||
      (!this.#rejectsUnauthorized && failureOf(error).code === "certificate");
    if (!succeeded || (this.#rejectsUnauthorized && error)) {
      return this.failed(error ?? HANDSHAKE_FAILED);
    }
    this.#version = this.#socket.getTLSVersion();
    this.#tls = sessionOf(this.#socket, this.#version, {
      peerCertificate: this.#socket.getPeerCertificate()?.raw,
      authorized: this.#requestsCertificate && !error,
    });
    this.#handshake?.resolve();
    this.#handshake = undefined;
  }

  override ended(): void {
    if (this.#handshake === undefined) return super.ended();
    this.failed(CLOSED_IN_HANDSHAKE);
  }

  override failed(cause: unknown): void {
    const failure = failureOf(withOpensslCode(cause));
    super.failed(failure);
    if (this.#handshake === undefined) return;
    this.#handshake.reject(connectionError("Cannot start TLS", failure));
    this.#handshake = undefined;
    this.#socket.terminate();
  }

  protected override endFailure(): TransportFailure | undefined {
    if (this.#acceptsTruncated || this.#records.closeNotified(this.#version)) return undefined;
    return NO_CLOSE_NOTIFY;
  }
}

/** Decrypted chunks, whose bytes are counted. */
class PlaintextQueue extends PushQueue<Uint8Array> {
  readonly #records: TlsRecords;

  constructor(socket: BunSocket, highWaterMark: number, records: TlsRecords) {
    super(socket, highWaterMark);
    this.#records = records;
  }

  override push(chunk: Uint8Array, length: number): void {
    this.#records.delivered(length);
    super.push(chunk, length);
  }
}

const HANDSHAKE_FAILED: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "tls",
  "the handshake failed",
);

/** Rejects Bun before 1.4, which accepts any certificate of any authority for any name. */
function requireVerification(): void {
  const [major = 0, minor = 0] = Bun.version.split(".").map(Number);
  if (major > 1 || minor >= 4) return;
  const reason = `Bun ${Bun.version} does not verify certificates: use 1.4 or later`;
  throw connectionError("Cannot start TLS", new TransportFailure("unsupported", reason));
}

function tlsOptions({ options, host }: BunHandshake): BunTlsOptions {
  const { ALPNProtocols = [], minVersion, ...credentials } = credentialsOf(options);
  return {
    ...credentials,
    isServer: host === undefined,
    serverName: host === undefined ? undefined : options.serverName || serverNameOf(host),
    ALPNProtocols: encodedAlpn(ALPNProtocols),
    requestCert: options.requestCert ?? false,
    minVersion: minVersion === "TLSv1.3" ? 0x0304 : 0x0303,
  };
}

/**
 * Returns the callbacks of a socket: Bun 1.4 asks a server's for the certificate of a name, and takes a
 * client's session only from `open`.
 */
function handlersFor({ options, host, remoteAddress }: BunHandshake): BunHandlers {
  if (host !== undefined) {
    if (options.sessions === undefined) return handlers;
    const { stored, store } = storedSession(options, options.serverName || host, remoteAddress);
    return {
      ...handlers,
      open: (socket) => stored && socket.setSession(stored.ticket),
      session: (socket, ticket) => store({ ticket, version: socket.getTLSVersion() }),
    };
  }
  if (options.sni === undefined) return handlers;
  const { createSecureContext } = process.getBuiltinModule("node:tls");
  const create = ({ ca, key, cert }: TlsOptions) => createSecureContext({ ca, key, cert }).context;
  return { ...handlers, serverName: (_, name) => contextFor(options, name, create) };
}

/**
 * Returns the name to request from a host. An IP address is not a name (RFC 6066): without a name, Bun
 * verifies the address that it is connected to. A Unix domain socket has no host.
 */
function serverNameOf(host: string): string {
  if (host === "") return "localhost";
  return process.getBuiltinModule("node:net").isIP(host) === 0 ? host : "";
}

/** Encodes ALPN protocols, each after its length (RFC 7301). */
function encodedAlpn(protocols: readonly string[]): Uint8Array | undefined {
  if (protocols.length === 0) return undefined;
  const names = protocols.map((protocol) => new TextEncoder().encode(protocol));
  return Uint8Array.from(names.flatMap((name) => [name.length, ...name]));
}

/** Returns a receiver of encrypted bytes: Bun 1.4 still passes them to the original socket. */
function recordObserver(records: TlsRecords): BunReceiver {
  return {
    received: records,
    drained() {},
    ended() {},
    failed() {},
    closed() {},
  };
}

/** Sets the code of an OpenSSL error as Node does: Bun 1.4 reports `EPROTO`, with the reason in the message. */
function withOpensslCode(error: unknown): unknown {
  const reason = error instanceof Error && /OPENSSL_internal:(\w+)/.exec(error.message)?.[1];
  return reason ? Object.assign(error, { code: `ERR_SSL_${reason}` }) : error;
}
