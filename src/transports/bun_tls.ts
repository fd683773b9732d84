import { type BunReceiver, type BunSocket, type BunTlsOptions, handlers } from "./bun_socket.ts";
import { BunTransport, type BunTransportOptions } from "./bun_transport.ts";
import { coded } from "./coded.ts";
import { TlsRecords } from "./tls_records.ts";
import type { TlsOptions, TlsSession } from "./transport.ts";

declare const Bun: { readonly version: string };
declare const process: {
  getBuiltinModule(name: "node:net"): { isIP(hostname: string): number };
};

/** How TLS is to start on a socket. */
export interface BunHandshake extends BunTransportOptions {
  readonly options: TlsOptions;
  /** The host that was connected to; `undefined`: this side is the server. */
  readonly host: string | undefined;
}

/** What is inside of TLS, on a socket that goes on by it. */
export class BunTlsTransport extends BunTransport {
  readonly #socket: BunSocket;
  readonly #verifies: boolean;
  readonly #demands: boolean;
  readonly #records: TlsRecords = new TlsRecords();
  #handshake: { resolve(): void; reject(error: unknown): void } | undefined;
  #tls: TlsSession | undefined;
  #version = "";
  /** Resolves when the handshake is done. */
  readonly ready: Promise<void>;

  constructor(plain: BunSocket, handshake: BunHandshake) {
    verifyingOrThrow();
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
    this.#demands = !isServer || requestCert;
    this.#verifies = this.#demands && rejectUnauthorized;
    this.ready = new Promise((resolve, reject) => this.#handshake = { resolve, reject });
    raw.data = ciphertext(this.#records);
    // It was paused so that the peer's first bytes are left for TLS.
    socket.resume();
  }

  get tls(): TlsSession | undefined {
    return this.#tls;
  }

  handshaken(done: boolean, error: unknown): void {
    // With nothing to verify, Bun 1.4 calls a wrong name a failure and goes on all the same.
    const fine = done || (!this.#verifies && codeOf(error) === "ERR_TLS_CERT_ALTNAME_INVALID");
    if (!fine || (this.#verifies && error)) {
      return this.failed(error ?? coded("EPROTO", "the TLS handshake has failed"));
    }
    this.#version = this.#socket.getTLSVersion();
    const { alpnProtocol } = this.#socket;
    const certificate = this.#socket.getPeerCertificate()?.raw;
    this.#tls = {
      alpn: alpnProtocol || undefined,
      // A copy, for the runtime's is a Buffer, which has another `slice`.
      peerCertificate: certificate && new Uint8Array(certificate),
      authorized: this.#demands && !error,
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
    this.failed(coded("ECONNRESET", "the peer has ended the connection during the TLS handshake"));
  }

  override failed(cause: unknown): void {
    const error = named(cause);
    super.failed(error);
    if (this.#handshake === undefined) return;
    this.#handshake.reject(error);
    this.#handshake = undefined;
    this.#socket.terminate();
  }

  protected override ending(): Error | undefined {
    if (this.#records.closeNotified(this.#version)) return undefined;
    return coded("ERR_TLS_TRUNCATED", "the TLS connection ended without close_notify");
  }
}

/** Bun before 1.4 takes any certificate, of any authority and for any name. */
function verifyingOrThrow(): void {
  const [major = 0, minor = 0] = Bun.version.split(".").map(Number);
  if (major > 1 || minor >= 4) return;
  throw coded("ERR_TLS_UNVERIFIED", `Bun ${Bun.version} does not verify certificates: use 1.4`);
}

function tlsOptions({ options, host }: BunHandshake): BunTlsOptions {
  const { alpn = [], ca, key, cert, requestCert = false, rejectUnauthorized = true } = options;
  return {
    isServer: host === undefined,
    ca,
    key,
    cert,
    serverName: host === undefined ? undefined : options.serverName ?? nameOf(host),
    ALPNProtocols: wireOf(typeof alpn === "string" ? [alpn] : alpn),
    requestCert,
    rejectUnauthorized,
  };
}

/**
 * The name to ask a host for. An address is none (RFC 6066): without one, Bun verifies the address that it
 * is connected to. A Unix domain socket has no host: it is this machine.
 */
function nameOf(host: string): string {
  if (host === "") return "localhost";
  return process.getBuiltinModule("node:net").isIP(host) === 0 ? host : "";
}

/** The protocols as the handshake carries them: each behind its length (RFC 7301). */
function wireOf(protocols: readonly string[]): Uint8Array | undefined {
  if (protocols.length === 0) return undefined;
  const names = protocols.map((protocol) => new TextEncoder().encode(protocol));
  return Uint8Array.from(names.flatMap((name) => [name.length, ...name]));
}

/** Bun 1.4 goes on telling the socket's first receiver of what comes outside of TLS. */
function ciphertext(records: TlsRecords): BunReceiver {
  return {
    arrived: (chunk) => records.push(chunk),
    drained() {},
    ended() {},
    failed() {},
    closed() {},
  };
}

/** Bun 1.4 calls all that OpenSSL says EPROTO, with the reason in the text. Node makes the code of that. */
function named(error: unknown): unknown {
  const reason = error instanceof Error && /OPENSSL_internal:(\w+)/.exec(error.message)?.[1];
  return reason ? Object.assign(error, { code: `ERR_SSL_${reason}` }) : error;
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
