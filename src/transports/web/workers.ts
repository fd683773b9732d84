import { connectionError, Failure, failureOf, LOST, TRUNCATED } from "../connection_error.ts";
import { PairTransport } from "./pair_transport.ts";
import { ignoreFailure } from "../../async/pending_calls.ts";
import type { StreamPair } from "./stream_pair.ts";
import { workersReader } from "./stream_reader.ts";
import type { TlsOptions, TlsSession, Transport } from "../transport.ts";
import { checkWorkersTls, SESSION } from "./workers_tls.ts";

/** Whether a pair is a socket of Workers. No other pair reports a `secureTransport`. */
export function isWorkersSocket({ secureTransport, startTls }: StreamPair): boolean {
  return typeof secureTransport === "string" && typeof startTls === "function";
}

/** A socket of Workers as a transport. Works around its known defects; the versions are noted below. */
export class WorkersTransport extends PairTransport {
  /** Whether the socket has closed. */
  #over = false;
  /** Whether anything has been received. */
  #heard = false;
  /** The transport of TLS after the upgrade. */
  #secured: Transport | undefined = undefined;
  readonly tls: TlsSession | undefined;
  readonly startTls?: (options: TlsOptions, signal?: AbortSignal) => Promise<Transport>;

  constructor(pair: StreamPair) {
    super(pair, workersReader(pair.readable));
    const { secureTransport } = pair;
    this.tls = secureTransport === "on" ? SESSION : undefined;
    if (secureTransport === "starttls") this.startTls = (...how) => this.#startTls(...how);
    const over = () => this.#over = true;
    pair.closed?.then(over, over);
  }

  override async read(): Promise<Uint8Array | undefined> {
    const bytes = await super.read();
    if (bytes !== undefined) this.#heard = true;
    return bytes;
  }

  /**
   * Closes the socket by its own call: after `abort` of its writable workerd 20260730 keeps the connection
   * until the request is over, and the peer hears nothing.
   */
  protected override release(reason: Error): void {
    this.#secured?.close();
    this.cancel(reason);
    ignoreFailure(() => this.pair.close?.());
  }

  /**
   * Detects false ends. A reset, a truncated TLS stream and a failed TLS handshake all look like the end of
   * the readable; but the socket has closed before it (workerd 20260730), and never before a true end.
   * After `closeWrite` a reset cannot be detected.
   */
  protected override ending(): Failure | undefined {
    if (this.failure !== undefined || !this.#over) return this.failure;
    return this.tls === undefined ? LOST : this.#handshakeFailure() ?? TRUNCATED;
  }

  protected override translate(cause: unknown): Failure {
    const lost = cause instanceof Error && cause.message === "Network connection lost.";
    const origin = cause instanceof Failure ? cause.origin : { cause };
    return this.#handshakeFailure(origin) ??
      (lost ? new Failure("reset", LOST.reason, origin) : super.translate(cause));
  }

  /** Workers report a failed handshake only by the first read or write. */
  #handshakeFailure(origin: ErrorOptions = {}): Failure | undefined {
    if (this.tls === undefined || this.#heard || this.written > 0) return undefined;
    return new Failure("tls", "the TLS handshake has failed", origin);
  }

  async #startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    checkWorkersTls(options);
    signal?.throwIfAborted();
    const abort = () => this.close();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await this.opened();
      this.unlock();
      const { serverName } = options;
      const how = serverName ? { expectedServerHostname: serverName } : {};
      const secured = new WorkersTransport(this.pair.startTls!(how));
      this.#secured = secured;
      await secured.opened();
      return secured;
    } catch (error) {
      this.close();
      throw signal?.aborted ? signal.reason : connectionError("Cannot start TLS", failureOf(error));
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}
