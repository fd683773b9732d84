import { AbortGroups } from "../async/abort_groups.ts";
import { Deferred } from "../async/deferred.ts";
import { BlockPool } from "../bytes/block_pool.ts";
import { ONE_BLOCK, WriteQueue } from "../bytes/write_queue.ts";
import { ConnectionError } from "../errors.ts";
import { FrameWriter } from "../frame_writer.ts";
import type { Framer } from "../framers/framer.ts";
import type { ProtocolParts } from "../protocol.ts";
import { connectionError } from "../transports/connection_error.ts";
import type { Transport } from "../transports/transport.ts";
import { type Flushing, Turn } from "./turn.ts";

/** Pending bytes that are written at once, whatever the turn. */
const FLUSH_THRESHOLD = ONE_BLOCK;

/** Returned where there is no backpressure. */
const READY: Promise<void> = /* @__PURE__ */ Promise.resolve();

/** Receives the events of a {@link Sender}. */
export interface SenderEvents {
  /** A write has to wait for the system. */
  writeWaits(): void;
  /** `send` begins to ask to wait. */
  sendStalls(pending: number): void;
  /** A write has failed, and nothing can be sent any more. */
  writeFailed(error: ConnectionError): void;
}

/**
 * The sending half of a connection: one write at a time, of all that is pending. {@link Turn} decides
 * when; pending bytes above the threshold or the high-water mark are written at once.
 */
export class Sender<Message> implements Flushing {
  readonly #output: WriteQueue = new WriteQueue(new BlockPool());
  readonly #writer: FrameWriter<Message>;
  readonly #highWaterMark: number;
  readonly #events: SenderEvents;
  /** When pending messages are flushed. */
  readonly turn: Turn = new Turn(this);
  #transport: Transport;
  /** Bytes of the write in progress, and what the transport had written before it. */
  #inFlight = 0;
  #writtenBefore = 0;
  /** Bytes of the writes that have ended. */
  #written = 0;
  /** Chunks that go before the others: the plain text before a TLS upgrade. */
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

  constructor(
    protocol: Framer | ProtocolParts<unknown, Message>,
    transport: Transport,
    { highWaterMark, events }: { readonly highWaterMark: number; readonly events: SenderEvents },
  ) {
    this.#writer = new FrameWriter(protocol, this.#output);
    this.#transport = transport;
    this.#highWaterMark = highWaterMark;
    this.#events = events;
  }

  /** Bytes that were sent and that the system has not accepted. */
  get pending(): number {
    const queued = this.#output.length + this.#aheadLength;
    if (this.#inFlight === 0) return queued;
    const written = this.#transport.written - this.#writtenBefore;
    return queued + (written > 0 ? Math.max(0, this.#inFlight - written) : this.#inFlight);
  }

  /** Whether nothing is pending and no write is in progress. */
  get idle(): boolean {
    return this.#inFlight === 0 && this.#aheadLength === 0 && this.#output.length === 0;
  }

  /** Bytes of all messages that were sent. */
  get sent(): number {
    return this.#written + this.#inFlight + this.#aheadLength + this.#output.length;
  }

  /** Why sent messages are lost: the failure, if some of them were pending then. */
  get loss(): ConnectionError | undefined {
    return this.#lost ? this.#failure : undefined;
  }

  /** Why nothing can be sent any more. */
  get failure(): ConnectionError | undefined {
    return this.#failure;
  }

  /** Sends a message. Resolves when more may be sent. */
  send(message: Message, signal?: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) return rejected(this.#failure);
    if (this.#ending !== undefined) return rejected(closedError());
    try {
      this.#writer.write(message);
    } catch (error) {
      return Promise.reject(error);
    }
    const queued = this.#output.length;
    if (queued >= FLUSH_THRESHOLD || queued >= this.#highWaterMark) this.#write();
    else this.turn.schedule();
    if (this.pending < this.#highWaterMark) return READY;
    const room = this.#waitForRoom();
    return signal === undefined ? room : this.#abortable(room, signal);
  }

  /** Resolves when all that was sent has been accepted by the system. */
  flush(): Promise<void> {
    if (this.#failure === undefined) this.#write();
    if (this.#failure !== undefined) return rejected(this.#failure);
    return this.idle ? READY : (this.#flushed ??= new Deferred()).promise;
  }

  /** Sends what is pending, then the end of the stream. */
  closeWrite(): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = this.flush()
        .then(() => this.#upgraded)
        .then(() => this.#transport.closeWrite())
        .catch((cause) => {
          const error = connectionError("Cannot close", cause);
          if (this.#failure === undefined) {
            this.fail(error);
            this.#events.writeFailed(error);
          }
          throw error;
        });
      this.#ending.catch(() => {});
    }
    return this.#ending;
  }

  /** Switches to another protocol from the next message on. */
  switchTo(protocol: Framer | ProtocolParts<unknown, never>): void {
    this.#writer.switchTo(protocol);
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
    this.#output.drain();
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
    this.#aheadLength = this.#output.length;
    this.#ahead = this.#output.drain();
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

  flushTurn(): void {
    this.#write();
  }

  /** Writes what is pending, unless a write is in progress: it goes on then. */
  #write(): void {
    while (this.#inFlight === 0 && this.#failure === undefined) {
      const length = this.#aheadLength > 0 || this.#plainWritten !== undefined
        ? this.#aheadLength
        : this.#output.length;
      if (length === 0) break;
      const chunks = this.#ahead ?? this.#output.drain();
      this.#ahead = undefined;
      this.#aheadLength = 0;
      this.#writtenBefore = this.#transport.written;
      this.#inFlight = length;
      const writing = this.#pass(chunks);
      if (writing === undefined) {
        this.#recycle();
        continue;
      }
      writing.then(this.#wrote, this.#broke);
      this.#events.writeWaits();
    }
    this.#settle();
  }

  /** The write has ended: its memory may be written to again. */
  #recycle(): void {
    this.#written += this.#inFlight;
    this.#inFlight = 0;
    // Chunks that are set apart lie in the same memory.
    if (this.#ahead === undefined) this.#output.recycle();
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
    if (this.#failure !== undefined) return;
    this.#recycle();
    const pending = this.#output.length;
    const few = this.#aheadLength === 0 && pending < FLUSH_THRESHOLD;
    if (!few || this.#flushed !== undefined) return this.#write();
    if (pending > 0) this.turn.schedule();
    this.#settle();
  };

  readonly #broke = (cause: unknown): void => {
    if (this.#failure !== undefined) return;
    const error = connectionError("Cannot send", cause);
    this.fail(error);
    this.#events.writeFailed(error);
  };

  #settle(): void {
    if (this.#inFlight === 0 && this.#aheadLength === 0) this.#plainWritten?.resolve();
    if (this.#room !== undefined && this.pending < this.#highWaterMark) {
      this.#room.resolve();
      this.#room = undefined;
    }
    if (this.#flushed !== undefined && this.idle) {
      this.#flushed.resolve();
      this.#flushed = undefined;
    }
  }

  #waitForRoom(): Promise<void> {
    if (this.#room === undefined) {
      this.#room = new Deferred();
      this.#events.sendStalls(this.pending);
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
