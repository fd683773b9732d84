import {
  CLOSED_LOCALLY,
  connectionError,
  failureOf,
  type TransportFailure,
  WRITE_CLOSED,
} from "./connection_error.ts";
import type { PushQueue } from "./push_queue.ts";
import type { Address, Transport } from "./transport.ts";

/** The addresses of a socket, if known. */
export interface Addresses {
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
}

/** A transport over a socket that pushes what it receives into a queue. */
export abstract class PushTransport implements Transport {
  readonly received: PushQueue<Uint8Array>;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
  written = 0;
  protected writeClosed = false;
  /** The first failure. */
  protected failure: TransportFailure | undefined;

  constructor({ localAddress, remoteAddress }: Addresses, received: PushQueue<Uint8Array>) {
    this.received = received;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.received.read();
  }

  abstract write(chunks: readonly Uint8Array[]): Promise<void> | undefined;

  abstract closeWrite(): Promise<void>;

  abstract close(): void;

  abort(): void {
    this.close();
  }

  /** The socket has failed: pending calls reject, always for the first failure. */
  failed(cause: unknown): void {
    const first = this.failure ??= failureOf(cause);
    if (!this.received.ended) this.endReceiving(first);
    this.rejectWrites(first);
  }

  /** Rejects pending writes. */
  protected abstract rejectWrites(failure: TransportFailure): void;

  /** Ends reading: with a failure if the end is not a clean one. */
  protected endReceiving(failure: TransportFailure | undefined): void {
    this.received.end(failure && { error: connectionError("Cannot receive", failure) });
  }

  /** Closes on this side: reads end, writes reject. */
  protected closeLocally(): void {
    this.received.end();
    this.received.clear();
    this.failed(CLOSED_LOCALLY);
  }

  /** Returns why a write is impossible. */
  protected writeFailure(): TransportFailure | undefined {
    return this.writeClosed ? WRITE_CLOSED : this.failure;
  }
}
