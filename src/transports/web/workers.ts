import { onAbort } from "../../async/on_abort.ts";
import {
  CONNECTION_LOST,
  connectionError,
  failureOf,
  NO_CLOSE_NOTIFY,
  TransportFailure,
} from "../connection_error.ts";
import { PairTransport } from "./pair_transport.ts";
import { ignoreFailure } from "../../async/pending_calls.ts";
import type { StreamPair } from "./stream_pair.ts";
import { workersReader } from "./stream_reader.ts";
import type { TlsOptions, Transport } from "../transport.ts";
import { unknownSession } from "../unknown_session.ts";
import { checkWorkersTls } from "./workers_tls.ts";

/** Whether a pair is a Workers socket: no other pair has a `secureTransport`. */
export function isWorkersSocket({ secureTransport, startTls }: StreamPair): boolean {
  return typeof secureTransport === "string" && typeof startTls === "function";
}

/** A transport over a Workers socket. Works around known defects; the versions are noted below. */
export class WorkersTransport extends PairTransport<StreamPair> {
  /** Whether the socket has closed. */
  #socketClosed = false;
  /** The transport after an upgrade to TLS. */
  #upgraded: Transport | undefined;
  readonly startTls?: (options: TlsOptions, signal?: AbortSignal) => Promise<Transport>;

  constructor(pair: StreamPair) {
    super(pair, workersReader(pair.readable));
    const { secureTransport } = pair;
    // Workers always verify the server's certificate, but do not report it.
    if (secureTransport === "on") this.tls = unknownSession(true);
    if (secureTransport === "starttls") this.startTls = (...args) => this.#startTls(...args);
    const closed = () => this.#socketClosed = true;
    pair.closed?.then(closed, closed);
  }

  /**
   * Closes the socket with its `close` method: after `abort` of its writable, workerd 20260730 keeps the
   * connection open until the request has ended.
   */
  protected override release(reason: Error): void {
    this.#upgraded?.close();
    this.cancel(reason);
    ignoreFailure(() => this.pair.close?.());
  }

  /**
   * Detects false ends. A reset, a truncated TLS stream and a failed TLS handshake all appear as the end of
   * the readable. But then the socket closes before that end (workerd 20260730), and never before a clean
   * one. After `closeWrite` a reset cannot be detected.
   */
  protected override endFailure(): TransportFailure | undefined {
    if (this.failure !== undefined || !this.#socketClosed) return this.failure;
    return this.tls === undefined ? CONNECTION_LOST : this.#handshakeFailure() ?? NO_CLOSE_NOTIFY;
  }

  protected override translate(cause: unknown): TransportFailure {
    const lost = cause instanceof Error && cause.message === "Network connection lost.";
    const options = cause instanceof TransportFailure ? cause.options : { cause };
    return this.#handshakeFailure(options) ??
      (lost
        ? new TransportFailure("reset", CONNECTION_LOST.reason, options)
        : super.translate(cause));
  }

  /** Returns the failure of the handshake: Workers report it only on the first read or write. */
  #handshakeFailure(options: ErrorOptions = {}): TransportFailure | undefined {
    if (this.tls === undefined || this.hasReceived || this.written > 0) return undefined;
    return new TransportFailure("tls", "the TLS handshake failed", options);
  }

  async #startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    checkWorkersTls(options);
    signal?.throwIfAborted();
    const ignoreAbort = onAbort(signal, () => this.close());
    try {
      await this.opened();
      this.unlock();
      const { serverName } = options;
      const pair = this.pair.startTls!(serverName ? { expectedServerHostname: serverName } : {});
      const upgraded = this.#upgraded = new WorkersTransport(pair);
      await upgraded.opened();
      return upgraded;
    } catch (error) {
      this.close();
      throw signal?.aborted ? signal.reason : connectionError("Cannot start TLS", failureOf(error));
    } finally {
      ignoreAbort();
    }
  }
}
