import { ONE_BLOCK } from "../bytes/byte_writer.ts";
import { ConnectionError } from "../errors.ts";
import type { FrameEncoder } from "../frame_encoder.ts";
import type { Transport } from "../transports/transport.ts";
import { connectionError } from "./connection_error.ts";
import { Deferred } from "./deferred.ts";
import { afterTurn } from "./turn.ts";

/** So many bytes are written at once, whatever the turn. */
const FULL = ONE_BLOCK;

const NONE: readonly Uint8Array[] = [];

/** What is told to everybody who need not wait. */
const WELCOME: Promise<void> = /* @__PURE__ */ Promise.resolve();

/** What the sending half is told, and tells. */
export interface OutboundOwner {
  /** How many bytes may wait before senders are asked to wait. */
  readonly highWaterMark: number;
  /** Senders are asked to wait. */
  stalled?(pending: number): void;
  /** Nothing can be sent any more. */
  broken?(error: ConnectionError): void;
}

/**
 * The sending half of a connection. The first message of a turn of the event loop leaves in its
 * microtask, so that no reply waits; later ones of the same turn leave together at its end, or when
 * there are enough of them:
 *
 * ```text
 *   send ─┬─ first of the turn ──▶ microtask ─┐
 *         ├─ later ones ─────────▶ its end ───┼─▶ write, one call at a time
 *         └─ 56 KiB are full ─────────────────┘
 * ```
 *
 * So awaiting every `send` costs no system call for each: a promise that is resolved already lets
 * only microtasks run. To ask for the end of a turn makes the loop poll once more, which costs as much as
 * a message: so a turn whose only message has left counts as going on until something arrives.
 */
export class Outbound<Message> {
  readonly #encoder: FrameEncoder<Message>;
  readonly #owner: OutboundOwner;
  #transport: Transport;
  /** Chunks that were drained from the encoder, the next one to be written, and their bytes. */
  #chunks: readonly Uint8Array[] = NONE;
  #next = 0;
  #unwritten = 0;
  /** The transport said to wait. */
  #waiting = false;
  /** Something was sent in this turn already. */
  #turnBegun = false;
  /** What was sent leaves in the microtask that was asked for, or at the end of the turn. */
  #leaving = false;
  #room: Deferred | undefined = undefined;
  #flushed: Deferred | undefined = undefined;
  /** Another transport is on its way: resolves when all that goes over this one has left. */
  #left: Deferred | undefined = undefined;
  #switched: Promise<void> = WELCOME;
  #closing: Promise<void> | undefined = undefined;
  #failure: ConnectionError | undefined = undefined;

  constructor(encoder: FrameEncoder<Message>, transport: Transport, owner: OutboundOwner) {
    this.#encoder = encoder;
    this.#transport = transport;
    this.#owner = owner;
  }

  /** How many bytes were sent and have not left yet. */
  get pending(): number {
    return this.#encoder.length + this.#unwritten;
  }

  /** Sends a message. Resolves when more is welcome. */
  send(message: Message): Promise<void> {
    if (this.#failure !== undefined) return rejected(this.#failure);
    if (this.#closing !== undefined) return rejected(closedError());
    try {
      this.#encoder.write(message);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#encoder.length >= FULL) this.#write();
    else if (!this.#leaving) this.#leave();
    return this.pending < this.#owner.highWaterMark ? WELCOME : this.#stall();
  }

  /** Resolves when all that was sent has been handed to the system. */
  flush(): Promise<void> {
    if (this.#failure !== undefined) return rejected(this.#failure);
    this.#write();
    if (this.#failure !== undefined) return rejected(this.#failure);
    return this.pending === 0 ? WELCOME : (this.#flushed ??= new Deferred()).promise;
  }

  /** Sends what is pending, then the end of the stream. */
  closeWrite(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.flush()
        .then(() => this.#switched)
        .then(() => this.#transport.closeWrite())
        .catch((error) => {
          throw connectionError("Cannot finish sending", error);
        });
      this.#closing.catch(() => {});
    }
    return this.#closing;
  }

  /** Sends no more but what was sent already: the transport ends by somebody else. */
  detach(): void {
    this.#closing ??= WELCOME;
  }

  /** Sends no more. Whoever waits is told why. */
  fail(error: ConnectionError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#encoder.drain();
    this.#chunks = NONE;
    this.#next = this.#unwritten = 0;
    this.#room?.reject(error);
    this.#flushed?.reject(error);
    this.#left?.reject(error);
    this.#owner.broken?.(error);
  }

  /**
   * Goes on over another transport, which `start` makes when all that was sent has left. What is sent
   * meanwhile waits for it.
   */
  switchTo(start: () => Promise<Transport>): Promise<void> {
    this.#drain();
    const left = this.#left = new Deferred();
    this.#switched = left.promise.then(start).then((transport) => {
      this.#transport = transport;
      this.#left = undefined;
      this.#write();
    });
    this.#write();
    return this.#switched.catch((error) => {
      this.fail(connectionError("Cannot send", error));
      // Whoever ended the connection meanwhile has said why.
      throw this.#failure;
    });
  }

  #stall(): Promise<void> {
    if (this.#room === undefined) {
      this.#room = new Deferred();
      this.#owner.stalled?.(this.pending);
    }
    return this.#room.promise;
  }

  /** Says that another turn of the event loop has begun. */
  turned(): void {
    if (!this.#leaving) this.#turnBegun = false;
  }

  #leave(): void {
    this.#leaving = true;
    if (this.#turnBegun) return afterTurn(this.#endTurn);
    this.#turnBegun = true;
    queueMicrotask(this.#endMicrotask);
  }

  readonly #endMicrotask = (): void => {
    this.#leaving = false;
    this.#write();
  };

  readonly #endTurn = (): void => {
    this.#turnBegun = false;
    this.#endMicrotask();
  };

  #write(): void {
    if (this.#waiting) return;
    for (let chunks = this.#take(); chunks !== undefined; chunks = this.#take()) {
      const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const wait = this.#hand(chunks);
      if (wait !== undefined) {
        this.#wait(wait, length);
        break;
      }
      this.#hasLeft(length);
    }
    this.#settle();
  }

  /** So many bytes have been handed to the system. When none are on their way, their memory is free. */
  #hasLeft(length: number): void {
    this.#unwritten -= length;
    if (this.#unwritten > 0) return;
    this.#chunks = NONE;
    this.#next = 0;
    if (this.#transport.copies) this.#encoder.recycle();
  }

  #hand(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    const transport = this.#transport;
    try {
      return chunks.length === 1 ? transport.write(chunks[0]!) : transport.writeAll!(chunks);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #wait(wait: Promise<void>, length: number): void {
    this.#waiting = true;
    wait.then(() => {
      this.#waiting = false;
      if (this.#failure !== undefined) return;
      this.#hasLeft(length);
      this.#goOn();
    }, (error) => this.fail(connectionError("Cannot send", error)));
  }

  /**
   * What was sent during a write is written next; but a little, that nobody waits for, as what is sent by
   * itself. For a write may end before the turn, on Deno 2.9 it does, and then few messages would leave
   * by each.
   */
  #goOn(): void {
    const little = this.#next === this.#chunks.length && this.#encoder.length < FULL;
    if (!little || this.#flushed !== undefined) return this.#write();
    if (this.#encoder.length > 0 && !this.#leaving) this.#leave();
    this.#settle();
  }

  /** What is to be written next: all there is where the transport takes several chunks, else one. */
  #take(): readonly Uint8Array[] | undefined {
    if (this.#next === this.#chunks.length && this.#left === undefined) this.#drain();
    const first = this.#next;
    if (first === this.#chunks.length) return undefined;
    this.#next = this.#transport.writeAll === undefined ? first + 1 : this.#chunks.length;
    return this.#chunks.slice(first, this.#next);
  }

  /** What was sent becomes chunks. */
  #drain(): void {
    if (this.#encoder.length === 0) return;
    this.#unwritten += this.#encoder.length;
    const drained = this.#encoder.drain();
    this.#chunks = this.#next === this.#chunks.length
      ? drained
      : [...this.#chunks.slice(this.#next), ...drained];
    this.#next = 0;
  }

  #settle(): void {
    if (this.#unwritten === 0) this.#left?.resolve();
    if (this.pending < this.#owner.highWaterMark) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (this.pending === 0) {
      this.#flushed?.resolve();
      this.#flushed = undefined;
    }
  }
}

/** The network's failures are told to who waits; who does not wait need not hear of them. */
function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

function closedError(): ConnectionError {
  return new ConnectionError("Cannot send: this side has finished sending", { code: "closed" });
}
