import { type BunReceiver, type BunSocket, type BunTlsOptions, handlers } from "./socket.ts";
import { BunTransport, type BunTransportOptions } from "./transport.ts";
import { CLOSED, connectionError, Failure, failureOf, TRUNCATED } from "../connection_error.ts";
import { TlsRecords } from "./tls_records.ts";
import type { TlsOptions, TlsSession } from "../transport.ts";

declare const Bun: { readonly version: string };
declare const process: {
  getBuiltinModule(name: "node:net"): { isIP(hostname: string): number };
};

/** The parameters of a handshake. */
export interface BunHandshake extends BunTransportOptions {
  readonly options: TlsOptions;
  /** The host connected to; `undefined`: this side is the server. */
  readonly host: string | undefined;
}

/** The decrypted side of a socket that has been upgraded to TLS. */
export class BunTlsTransport extends BunTransport {
  readonly #socket: BunSocket;
  readonly #verifies: boolean;
  readonly #requires: boolean;
  readonly #tolerant: boolean;
  readonly #records: TlsRecords = new TlsRecords();
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
    const [raw, socket] = plain.upgradeTLS({
      isServer,
      allowHalfOpen: true,
      socket: handlers,
      tls: options,
    });
    super(socket, handshake);
    this.#socket = socket;
    this.#requires = !isServer || requestCert;
    this.#verifies = this.#requires && rejectUnauthorized;
    this.#tolerant = handshake.options.closeNotify === "optional";
    this.ready = new Promise((resolve, reject) => this.#handshake = { resolve, reject });
    raw.data = recordObserver(this.#records);
    // It was paused so that the peer's first bytes are left for TLS.
    socket.resume();
  }

  get tls(): TlsSession | undefined {
    return this.#tls;
  }

  /** Whether the peer has sent anything. */
  get heard(): boolean {
    return this.#records.started;
  }

  /** Aborts the handshake for a reason of the caller's. */
  abandon(reason: unknown): void {
    this.#handshake?.reject(reason);
    this.#handshake = undefined;
    super.failed(CLOSED);
    this.#socket.terminate();
  }

  handshaken(done: boolean, error: unknown): void {
    // With nothing to verify, Bun 1.4 calls a wrong name a failure, but continues.
    const fine = done || (!this.#verifies && codeOf(error) === "ERR_TLS_CERT_ALTNAME_INVALID");
    if (!fine || (this.#verifies && error)) return this.failed(error ?? FAILED);
    this.#version = this.#socket.getTLSVersion();
    const { alpnProtocol } = this.#socket;
    const certificate = this.#socket.getPeerCertificate()?.raw;
    this.#tls = {
      alpn: alpnProtocol || undefined,
      // A copy, since the runtime's is a Buffer, which has another `slice`.
      peerCertificate: certificate && new Uint8Array(certificate),
      authorized: this.#requires && !error,
    };
    this.#handshake?.resolve();
    this.#handshake = undefined;
  }

  override arrived(chunk: Uint8Array): void {
    this.#records.delivered(chunk.length);
    super.arrived(chunk);
  }

  override ended(): void {
    if (this.#handshake === undefined) return super.ended();
    this.failed(ENDED);
  }

  override failed(cause: unknown): void {
    const failure = failureOf(named(cause));
    super.failed(failure);
    if (this.#handshake === undefined) return;
    this.#handshake.reject(connectionError("Cannot start TLS", failure));
    this.#handshake = undefined;
    this.#socket.terminate();
  }

  protected override ending(): Failure | undefined {
    if (this.#tolerant || this.#records.closeNotified(this.#version)) return undefined;
    return TRUNCATED;
  }
}

const FAILED: Failure = /* @__PURE__ */ new Failure("tls", "the handshake has failed");

const ENDED: Failure = /* @__PURE__ */ new Failure(
  "reset",
  "the peer has closed the connection during the handshake",
);

/** Refuses Bun before 1.4, which accepts any certificate, of any authority and for any name. */
function requireVerification(): void {
  const [major = 0, minor = 0] = Bun.version.split(".").map(Number);
  if (major > 1 || minor >= 4) return;
  const reason = `Bun ${Bun.version} does not verify certificates: use 1.4`;
  throw connectionError("Cannot start TLS", new Failure("unsupported", reason));
}

function tlsOptions({ options, host }: BunHandshake): BunTlsOptions {
  const { alpn = [], ca, key, cert, requestCert = false, rejectUnauthorized = true } = options;
  return {
    isServer: host === undefined,
    ca,
    key,
    cert,
    serverName: host === undefined ? undefined : options.serverName || serverNameOf(host),
    ALPNProtocols: encodedNames(typeof alpn === "string" ? [alpn] : alpn),
    requestCert,
    rejectUnauthorized,
  };
}

/**
 * The name to request of a host. An IP address is not a name (RFC 6066): without one, Bun verifies the
 * address that it is connected to. A Unix domain socket has no host: it is this machine.
 */
function serverNameOf(host: string): string {
  if (host === "") return "localhost";
  return process.getBuiltinModule("node:net").isIP(host) === 0 ? host : "";
}

/** Protocol names in the form of the handshake, each after its length (RFC 7301). */
function encodedNames(protocols: readonly string[]): Uint8Array | undefined {
  if (protocols.length === 0) return undefined;
  const names = protocols.map((protocol) => new TextEncoder().encode(protocol));
  return Uint8Array.from(names.flatMap((name) => [name.length, ...name]));
}

/** Bun 1.4 continues to pass the ciphertext to the socket's first receiver. */
function recordObserver(records: TlsRecords): BunReceiver {
  return {
    arrived: (chunk) => records.push(chunk),
    drained() {},
    ended() {},
    failed() {},
    closed() {},
  };
}

/** Bun 1.4 reports all errors of OpenSSL as EPROTO, with the reason in the text. Node makes the code of it. */
function named(error: unknown): unknown {
  const reason = error instanceof Error && /OPENSSL_internal:(\w+)/.exec(error.message)?.[1];
  return reason ? Object.assign(error, { code: `ERR_SSL_${reason}` }) : error;
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
