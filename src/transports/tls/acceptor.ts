import { report } from "../../async/report.ts";
import { Timer } from "../../async/timer.ts";
import { ConnectionError } from "../../errors.ts";
import { AcceptQueue } from "../accept_queue.ts";
import { connectionError } from "../connection_error.ts";
import type { AcceptedTransport, Acceptor, Address, TlsOptions, Transport } from "../transport.ts";

/** Milliseconds until the next attempt to accept, after the system has failed. */
const ACCEPT_PAUSE = 100;

/** Milliseconds that a peer has at least to send its first byte. */
const MIN_SILENT_TIME = 100;

/** Milliseconds that a handshake has at least once the peer has sent something. */
const MIN_HANDSHAKE_TIME = 1_000;

/** The options of {@link tlsAcceptor}. */
export interface TlsAcceptorOptions {
  readonly tls: TlsOptions;
  /** Time limit of a handshake in milliseconds. */
  readonly timeout: number;
  /** Maximum number of handshakes in progress, and of connections that wait for `accept` after theirs. */
  readonly maxHandshakes: number;
  /** Called with the error of each connection that fails before it is accepted. */
  readonly onError: (error: unknown) => void;
}

/**
 * Accepts connections of another acceptor after their TLS handshake. Handshakes run concurrently, so that a
 * slow peer delays nobody else. Beyond `maxHandshakes` a handshake makes room for the next one: the oldest
 * of those whose peer has sent nothing for 100 ms, which costs an attacker nothing; otherwise the oldest,
 * once it has had a second.
 */
export function tlsAcceptor(
  plain: Acceptor<AcceptedTransport>,
  options: TlsAcceptorOptions,
): Acceptor {
  return new TlsAcceptor(plain, options);
}

/** A handshake in progress. */
interface Handshake {
  readonly transport: AcceptedTransport;
  /** Aborts it. */
  readonly controller: AbortController;
  /** Limits it. */
  readonly timer: Timer;
  readonly begun: number;
}

class TlsAcceptor implements Acceptor {
  readonly #plain: Acceptor<AcceptedTransport>;
  readonly #options: TlsAcceptorOptions;
  /** Handshakes in progress, the oldest first. */
  readonly #handshakes: Set<Handshake> = new Set();
  readonly #ready: AcceptQueue<Transport> = new AcceptQueue();
  #closed = false;
  #keepsRunning = true;
  /** Ends the pause of the loop that accepts, and the timer that does so later. */
  #wake: () => void = () => {};
  readonly #timer: Timer = new Timer(() => this.#wake());

  constructor(plain: Acceptor<AcceptedTransport>, options: TlsAcceptorOptions) {
    this.#plain = plain;
    this.#options = options;
    this.#run();
  }

  get address(): Address {
    return this.#plain.address;
  }

  async accept(): Promise<Transport | undefined> {
    const transport = await this.#ready.accept();
    this.#wake();
    if (!this.#keepsRunning) transport?.ref?.();
    return transport;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#plain.close();
    this.#ready.close();
    this.#wake();
    for (const { transport } of this.#handshakes) transport.abort();
  }

  ref(): void {
    this.#keepsRunning = true;
    this.#plain.ref?.();
    this.#timer.ref();
    for (const { transport, timer } of this.#handshakes) {
      transport.ref?.();
      timer.ref();
    }
  }

  unref(): void {
    this.#keepsRunning = false;
    this.#plain.unref?.();
    this.#timer.unref();
    for (const { transport, timer } of this.#handshakes) {
      transport.unref?.();
      timer.unref();
    }
  }

  /** Accepts connections and starts their handshakes. */
  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        const transport = await this.#plain.accept();
        if (transport === undefined) return this.#ready.close();
        await this.#makeRoom();
        this.#start(transport);
      } catch (error) {
        this.#ready.fail(connectionError("Cannot accept a connection", error));
        const until = performance.now() + ACCEPT_PAUSE;
        while (!this.#closed && performance.now() < until) {
          await this.#pause(until - performance.now());
        }
      }
    }
  }

  /** Waits until there is room for one more handshake, and for its connection. */
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
      if (handshake.transport.heard) continue;
      wait = handshake.begun + MIN_SILENT_TIME - now;
      if (wait <= 0) return this.#drop(handshake);
      break;
    }
    wait = Math.min(wait, oldest!.begun + MIN_HANDSHAKE_TIME - now);
    if (wait <= 0) this.#drop(oldest!);
    else await this.#pause(wait);
  }

  #drop(handshake: Handshake): void {
    const { transport, controller } = handshake;
    this.#handshakes.delete(handshake);
    controller.abort(dropped(this.#options.maxHandshakes));
    transport.abort();
  }

  async #start(transport: AcceptedTransport): Promise<void> {
    const { tls, timeout, onError } = this.#options;
    if (this.#closed) return transport.abort();
    const controller = new AbortController();
    const timer = new Timer(() => controller.abort(expired(timeout)));
    const handshake = { transport, controller, timer, begun: performance.now() };
    this.#handshakes.add(handshake);
    if (!this.#keepsRunning) {
      transport.unref?.();
      timer.unref();
    }
    if (timeout < Infinity) timer.start(timeout);
    try {
      const secured = await transport.startTls!(tls, controller.signal);
      if (this.#closed) secured.abort();
      else this.#ready.push(secured);
    } catch (error) {
      transport.abort();
      if (!this.#closed) report(onError, connectionError("Cannot start TLS", error));
    }
    timer.stop();
    this.#handshakes.delete(handshake);
    this.#wake();
  }

  /** Waits until the loop is woken, or for some time. */
  async #pause(milliseconds?: number): Promise<void> {
    if (milliseconds !== undefined) this.#timer.start(milliseconds);
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#timer.stop();
  }
}

function expired(timeout: number): ConnectionError {
  return new ConnectionError(
    `Cannot start TLS: handshakeTimeout of ${timeout} ms expired`,
    { code: "timedOut", timeout: "handshakeTimeout" },
  );
}

function dropped(maxHandshakes: number): ConnectionError {
  return new ConnectionError(
    `Cannot start TLS: dropped for a newer connection, since maxHandshakes is ${maxHandshakes}`,
    { code: "aborted" },
  );
}
