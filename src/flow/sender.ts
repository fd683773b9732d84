import { AbortGroups } from "../async/abort_groups.ts";
import { Deferred } from "../async/deferred.ts";
import { ConnectionError } from "../errors.ts";
import type { FrameEncoder } from "../frame_encoder.ts";
import type { Protocol } from "../protocol.ts";
import { connectionError } from "../transports/connection_error.ts";
import type { Transport } from "../transports/transport.ts";
import { Turn } from "./turn.ts";

/** Pending bytes that are written at once, whatever the turn: what one block of the encoder holds. */
const FLUSH_THRESHOLD = 57_344;

/** Returned where there is no backpressure. */
const READY: Promise<void> = /* @__PURE__ */ Promise.resolve();

/** The options of {@link Sender}. */
export interface SenderOptions {
  /** Pending bytes from which `send` asks to wait. */
  readonly highWaterMark: number;
  /** Called when a write has failed. */
  readonly failed: (error: ConnectionError) => void;
  /** Called when a write has to wait for the system. */
  readonly waits?: (() => void) | undefined;
  /** Called when `send` begins to ask to wait. */
  readonly stalled?: ((pending: number) => void) | undefined;
}

/**
 * The sending half of a connection: one write at a time, of all that is pending. {@link Turn} decides
 * when; pending bytes above the threshold or the high-water mark are written at once.
 */
export class Sender<Message> {
  readonly #encoder: FrameEncoder<Message>;
  readonly #options: SenderOptions;
  /** When pending messages are flushed. */
  readonly turn: Turn = new Turn(() => this.#write());
  #transport: Transport;
  readonly #threshold: number;
  /** Bytes of the write in progress, and what the transport had written before it. */
  #inFlight = 0;
  #writtenBefore = 0;
  /** Chunks that go before the encoder's: the plain text in front of a TLS upgrade. */
  #ahead: readonly Uint8Array[] | undefined = undefined;
  #aheadLength = 0;
  #room: Deferred | undefined = undefined;
  #flushed: Deferred | undefined = undefined;
  #aborts: AbortGroups | undefined = undefined;
  /** The upgrade in progress: resolves when the plain text before it has been written. */
  #plainWritten: Deferred | undefined = undefined;
  #upgraded: Promise<void> = READY;
  #ending: Promise<void> | undefined = undefined;
  #failure: ConnectionError | undefined = undefined;
  #lost = false;

  constructor(encoder: FrameEncoder<Message>, transport: Transport, options: SenderOptions) {
    this.#encoder = encoder;
    this.#transport = transport;
    this.#options = options;
    this.#threshold = Math.min(FLUSH_THRESHOLD, options.highWaterMark);
  }

  /** Bytes that were sent and that the system has not accepted. */
  get pending(): number {
    const queued = this.#encoder.pending + this.#aheadLength;
    if (this.#inFlight === 0) return queued;
    const written = this.#transport.written - this.#writtenBefore;
    return queued + (written > 0 ? Math.max(0, this.#inFlight - written) : this.#inFlight);
  }

  /** Why sent messages are lost: the failure, if some of them were pending then. */
  get loss(): ConnectionError | undefined {
    return this.#lost ? this.#failure : undefined;
  }

  /** Whether sending has failed. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Sends a message. Resolves when more may be sent. */
  send(message: Message, signal?: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) return rejected(this.#failure);
    if (this.#ending !== undefined) return rejected(closedError());
    try {
      this.#encoder.write(message);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#encoder.pending >= this.#threshold) this.#write();
    else this.turn.schedule();
    if (this.pending < this.#options.highWaterMark) return READY;
    const room = this.#waitForRoom();
    return signal === undefined ? room : this.#abortable(room, signal);
  }

  /** Resolves when all that was sent has been accepted by the system. */
  flush(): Promise<void> {
    if (this.#failure === undefined) this.#write();
    if (this.#failure !== undefined) return rejected(this.#failure);
    return this.pending === 0 ? READY : (this.#flushed ??= new Deferred()).promise;
  }

  /** Sends what is pending, then the end of the stream. */
  closeWrite(): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = this.flush()
        .then(() => this.#upgraded)
        .then(() => this.#transport.closeWrite())
        .catch((error) => {
          throw connectionError("Cannot close", error);
        });
      this.#ending.catch(() => {});
    }
    return this.#ending;
  }

  /** Switches to another protocol from the next message on. */
  switchTo(protocol: Protocol<never, unknown>): void {
    this.#encoder.switchTo(protocol);
  }

  /** Accepts no more messages, and leaves the end of the stream to the transport's next owner. */
  detach(): void {
    this.#ending ??= READY;
  }

  /** Stops sending. Waiting calls reject. */
  fail(error: ConnectionError): void {
    if (this.#failure !== undefined) return;
    this.#lost = this.pending > 0;
    this.#failure = error;
    this.#encoder.drain();
    this.#ahead = undefined;
    this.#aheadLength = this.#inFlight = 0;
    this.#room?.reject(error);
    this.#flushed?.reject(error);
    this.#plainWritten?.reject(error);
  }

  /**
   * Continues over another transport, which `start` makes once all that was sent has been written to this
   * one. Messages sent meanwhile wait for it.
   */
  upgrade(start: () => Promise<Transport>): Promise<void> {
    this.#aheadLength = this.#encoder.pending;
    this.#ahead = this.#encoder.drain();
    const plain = this.#plainWritten = new Deferred();
    this.#upgraded = plain.promise.then(start).then((transport) => {
      this.#transport = transport;
      this.#plainWritten = undefined;
      this.#write();
    });
    this.#upgraded.catch(() => {});
    this.#write();
    return this.#upgraded;
  }

  /** Writes what is pending, unless a write is in progress: it goes on then. */
  #write(): void {
    while (this.#inFlight === 0 && this.#failure === undefined) {
      const length = this.#aheadLength > 0 || this.#plainWritten !== undefined
        ? this.#aheadLength
        : this.#encoder.pending;
      if (length === 0) break;
      const chunks = this.#ahead ?? this.#encoder.drain();
      this.#ahead = undefined;
      this.#aheadLength = 0;
      this.#writtenBefore = this.#transport.written;
      this.#inFlight = length;
      const writing = this.#pass(chunks);
      if (writing === undefined) {
        this.#inFlight = 0;
        continue;
      }
      writing.then(this.#wrote, this.#broke);
      this.#options.waits?.();
    }
    this.#settle();
  }

  #pass(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    try {
      return this.#transport.write(chunks);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Messages sent during a write are written next; a few bytes that no call waits for, at the end of the
   * turn. For a write may end before the turn does, as on Deno 2.9, and each would carry few messages.
   */
  readonly #wrote = (): void => {
    this.#inFlight = 0;
    if (this.#failure !== undefined) return;
    const { pending } = this.#encoder;
    const few = this.#aheadLength === 0 && pending < this.#threshold;
    if (!few || this.#flushed !== undefined) return this.#write();
    if (pending > 0) this.turn.schedule();
    this.#settle();
  };

  readonly #broke = (cause: unknown): void => {
    if (this.#failure !== undefined) return;
    const error = connectionError("Cannot send", cause);
    this.fail(error);
    this.#options.failed(error);
  };

  #settle(): void {
    if (this.#inFlight === 0 && this.#aheadLength === 0) this.#plainWritten?.resolve();
    const { pending } = this;
    if (this.#room !== undefined && pending < this.#options.highWaterMark) {
      this.#room.resolve();
      this.#room = undefined;
    }
    if (this.#flushed !== undefined && pending === 0) {
      this.#flushed.resolve();
      this.#flushed = undefined;
    }
  }

  #waitForRoom(): Promise<void> {
    if (this.#room === undefined) {
      this.#room = new Deferred();
      this.#options.stalled?.(this.pending);
    }
    return this.#room.promise;
  }

  #abortable(room: Promise<void>, signal: AbortSignal): Promise<void> {
    const aborts = this.#aborts ??= new AbortGroups();
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      aborts.add(signal, onAbort);
      room.then(resolve, reject).finally(() => aborts.remove(signal, onAbort));
    });
  }
}

/** A failure of the network that must not become an unhandled rejection. */
function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

function closedError(): ConnectionError {
  return new ConnectionError("Cannot send: this side has finished sending", { code: "closed" });
}
