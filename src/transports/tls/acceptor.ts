import { report } from "../../async/report.ts";
import { Timer } from "../../async/timer.ts";
import { ConnectionError } from "../../errors.ts";
import { AcceptQueue } from "../accept_queue.ts";
import { connectionError } from "../connection_error.ts";
import type { AcceptedTransport, Acceptor, Address, TlsOptions, Transport } from "../transport.ts";
import { TimedAbort } from "../timed_abort.ts";

/** Delay in milliseconds before accepting again after the system has failed. */
const ACCEPT_RETRY_DELAY = 100;

/** Minimum time in milliseconds for a peer to send its first byte. */
const MIN_SILENCE = 100;

/** Minimum time in milliseconds for a handshake whose peer has sent something. */
const MIN_HANDSHAKE_TIME = 1_000;

/** The options of {@link tlsAcceptor}. */
export interface TlsAcceptorOptions {
  readonly tls: TlsOptions;
  /** Time limit of a handshake in milliseconds. */
  readonly timeout: number;
  /** Maximum number of handshakes in progress, and of waiting connections that have completed theirs. */
  readonly maxHandshakes: number;
  /** Called with the error of each failed handshake. */
  readonly onError: (error: unknown) => void;
}

/**
 * Accepts connections from another acceptor after their TLS handshake. Handshakes run concurrently, so that
 * a slow peer delays no other. At `maxHandshakes`, one is dropped for the next connection: the oldest whose
 * peer has sent nothing for 100 ms, since such connections cost an attacker nothing; otherwise the oldest,
 * after one second.
 */
export function tlsAcceptor(
  acceptor: Acceptor<AcceptedTransport>,
  options: TlsAcceptorOptions,
): Acceptor {
  return new TlsAcceptor(acceptor, options);
}

/** A handshake in progress. */
interface Handshake {
  readonly transport: AcceptedTransport;
  readonly limit: TimedAbort;
  readonly startedAt: number;
}

class TlsAcceptor implements Acceptor {
  readonly #acceptor: Acceptor<AcceptedTransport>;
  readonly #options: TlsAcceptorOptions;
  tls: TlsOptions;
  /** Handshakes in progress, oldest first. */
  readonly #handshakes: Set<Handshake> = new Set();
  readonly #ready: AcceptQueue<Transport> = new AcceptQueue();
  /** The connection that waits until its handshake may start. */
  #next: AcceptedTransport | undefined = undefined;
  #closed = false;
  #keepsRunning = true;
  /** Ends the pause of the accept loop. */
  #wake: () => void = () => {};
  readonly #timer: Timer = new Timer(() => this.#wake());

  constructor(acceptor: Acceptor<AcceptedTransport>, options: TlsAcceptorOptions) {
    this.#acceptor = acceptor;
    this.#options = options;
    this.tls = options.tls;
    this.#run();
  }

  get address(): Address {
    return this.#acceptor.address;
  }

  async accept(): Promise<Transport | undefined> {
    const transport = await this.#ready.accept();
    this.#wake();
    return transport;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#acceptor.close();
    this.#ready.close();
    this.#wake();
    for (const { transport } of this.#handshakes) transport.abort();
  }

  ref(): void {
    this.#keepsRunning = true;
    this.#acceptor.ref?.();
    this.#ready.keepRunning(true);
    this.#next?.ref?.();
    this.#timer.ref();
    for (const { transport, limit } of this.#handshakes) {
      transport.ref?.();
      limit.timer.ref();
    }
  }

  unref(): void {
    this.#keepsRunning = false;
    this.#acceptor.unref?.();
    this.#ready.keepRunning(false);
    this.#next?.unref?.();
    this.#timer.unref();
    for (const { transport, limit } of this.#handshakes) {
      transport.unref?.();
      limit.timer.unref();
    }
  }

  /** Accepts connections and starts their handshakes. */
  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        const transport = await this.#acceptor.accept();
        if (transport === undefined) return this.#ready.close();
        this.#next = transport;
        if (!this.#keepsRunning) transport.unref?.();
        await this.#makeRoom();
        this.#next = undefined;
        this.#start(transport);
      } catch (error) {
        this.#ready.fail(connectionError("Cannot accept a connection", error));
        const until = performance.now() + ACCEPT_RETRY_DELAY;
        while (!this.#closed && performance.now() < until) {
          await this.#pause(until - performance.now());
        }
      }
    }
  }

  /** Waits until another handshake may start. */
  async #makeRoom(): Promise<void> {
    const { maxHandshakes } = this.#options;
    while (!this.#closed) {
      if (this.#ready.waiting >= maxHandshakes) await this.#pause();
      else if (this.#handshakes.size < maxHandshakes) return;
      else await this.#dropOne();
    }
  }

  /** Drops a handshake, or waits until one has ended or may be dropped. */
  async #dropOne(): Promise<void> {
    const now = performance.now();
    let wait = Infinity;
    let oldest: Handshake | undefined;
    for (const handshake of this.#handshakes) {
      oldest ??= handshake;
      if (handshake.transport.hasReceived) continue;
      wait = handshake.startedAt + MIN_SILENCE - now;
      if (wait <= 0) return this.#drop(handshake);
      break;
    }
    wait = Math.min(wait, oldest!.startedAt + MIN_HANDSHAKE_TIME - now);
    if (wait <= 0) this.#drop(oldest!);
    else await this.#pause(wait);
  }

  #drop(handshake: Handshake): void {
    const { transport, limit } = handshake;
    this.#handshakes.delete(handshake);
    limit.abort(droppedError(this.#options.maxHandshakes));
    transport.abort();
  }

  async #start(transport: AcceptedTransport): Promise<void> {
    const { timeout, onError } = this.#options;
    if (this.#closed) return transport.abort();
    const limit = new TimedAbort("Cannot start TLS", "handshakeTimeout", timeout);
    const handshake = { transport, limit, startedAt: performance.now() };
    this.#handshakes.add(handshake);
    if (!this.#keepsRunning) {
      transport.unref?.();
      limit.timer.unref();
    }
    try {
      const upgraded = await transport.startTls!(this.tls, limit.signal);
      if (this.#closed) upgraded.abort();
      else this.#ready.push(upgraded);
    } catch (error) {
      transport.abort();
      if (!this.#closed) report(onError, connectionError("Cannot start TLS", error));
    }
    limit.end();
    this.#handshakes.delete(handshake);
    this.#wake();
  }

  /** Pauses the accept loop until it is woken, at most for the given time. */
  async #pause(milliseconds?: number): Promise<void> {
    if (milliseconds !== undefined) this.#timer.start(milliseconds);
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#timer.stop();
  }
}

function droppedError(maxHandshakes: number): ConnectionError {
  return new ConnectionError(
    `Cannot start TLS: dropped for a newer connection: maxHandshakes is ${maxHandshakes}`,
    { code: "aborted" },
  );
}
