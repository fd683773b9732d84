import { ConnectionError } from "../errors.ts";
import type { FrameEncoder } from "../frame_encoder.ts";
import type { Transport } from "../transports/transport.ts";
import { connectionError } from "./connection_error.ts";
import { afterTurn } from "./turn.ts";

/** So many bytes are written at once, and so many may wait before senders are asked to wait. */
const FULL = 65_536;

/** What is told to everybody who need not wait. */
const WELCOME: Promise<void> = Promise.resolve();

/**
 * The sending half of a connection. The first message of a turn of the event loop leaves in its
 * microtask, so that no reply waits; later ones of the same turn leave together at its end, or when
 * there are enough of them:
 *
 * ```text
 *   send ─┬─ first of the turn ──▶ microtask ─┐
 *         ├─ later ones ─────────▶ its end ───┼─▶ write, one chunk at a time
 *         └─ 64 KiB are full ─────────────────┘
 * ```
 *
 * So awaiting every `send` costs no system call for each: a promise that is resolved already lets
 * only microtasks run.
 */
export class Outbound<Message> {
  readonly #encoder: FrameEncoder<Message>;
  readonly #transport: Transport;
  /** Chunks that were drained from the encoder, the next one to be written, and their bytes. */
  #chunks: Uint8Array[] = [];
  #next = 0;
  #unwritten = 0;
  /** The transport said to wait. */
  #waiting = false;
  /** Something was sent in this turn already. */
  #turnBegun = false;
  #room: Deferred | undefined = undefined;
  #flushed: Deferred | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;
  #failure: ConnectionError | undefined = undefined;

  constructor(encoder: FrameEncoder<Message>, transport: Transport) {
    this.#encoder = encoder;
    this.#transport = transport;
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
    else if (!this.#turnBegun) this.#beginTurn();
    return this.pending < FULL ? WELCOME : (this.#room ??= new Deferred()).promise;
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
      this.#closing = this.flush().then(() => this.#transport.closeWrite()).catch((error) => {
        throw connectionError("Cannot finish sending", error);
      });
      this.#closing.catch(() => {});
    }
    return this.#closing;
  }

  /** Sends no more. Whoever waits is told why. */
  fail(error: ConnectionError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#encoder.drain();
    this.#chunks = [];
    this.#next = this.#unwritten = 0;
    this.#room?.reject(error);
    this.#flushed?.reject(error);
  }

  #beginTurn(): void {
    this.#turnBegun = true;
    queueMicrotask(this.#write);
    afterTurn(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#turnBegun = false;
    this.#write();
  };

  readonly #write = (): void => {
    if (this.#waiting) return;
    for (let chunk = this.#take(); chunk !== undefined; chunk = this.#take()) {
      const wait = this.#hand(chunk);
      if (wait !== undefined) {
        this.#wait(wait, chunk.length);
        break;
      }
      this.#unwritten -= chunk.length;
    }
    this.#settle();
  };

  #hand(chunk: Uint8Array): Promise<void> | undefined {
    try {
      return this.#transport.write(chunk);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #wait(wait: Promise<void>, length: number): void {
    this.#waiting = true;
    wait.then(() => {
      this.#waiting = false;
      if (this.#failure !== undefined) return;
      this.#unwritten -= length;
      this.#write();
    }, (error) => this.fail(connectionError("Cannot send", error)));
  }

  /** The next chunk to be written. */
  #take(): Uint8Array | undefined {
    if (this.#next === this.#chunks.length) {
      if (this.#encoder.length === 0) return undefined;
      this.#unwritten += this.#encoder.length;
      this.#chunks = this.#encoder.drain();
      this.#next = 0;
    }
    return this.#chunks[this.#next++];
  }

  #settle(): void {
    if (this.pending < FULL) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (this.pending === 0) {
      this.#flushed?.resolve();
      this.#flushed = undefined;
    }
  }
}

/** A promise that may be ignored even when it is rejected. */
class Deferred {
  readonly promise: Promise<void>;
  resolve: () => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {});
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
