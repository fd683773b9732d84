import { AbortGroups } from "../async/abort_groups.ts";
import { Deferred } from "../async/deferred.ts";
import { rejected } from "../async/rejected.ts";
import { ONE_BLOCK } from "../bytes/write_queue.ts";
import { ConnectionError } from "../errors.ts";
import { FrameWriter } from "../frame_writer.ts";
import type { Framer } from "../framers/framer.ts";
import type { ProtocolParts } from "../protocol.ts";
import { connectionError } from "../transports/connection_error.ts";
import type { Transport } from "../transports/transport.ts";
import { Backlog } from "./backlog.ts";
import type { SenderEvents } from "./sender_events.ts";
import { type Flushing, Turn } from "./turn.ts";

/** Number of queued bytes that are written at once, without waiting for the turn. */
const FLUSH_THRESHOLD = ONE_BLOCK;

/** Returned where there is no backpressure. */
const READY: Promise<void> = /* @__PURE__ */ Promise.resolve();

/**
 * The sending half of a connection: one write at a time, of all pending bytes. {@link Turn} decides when;
 * from the threshold or the high-water mark on, they are written at once.
 */
export class Sender<Message> implements Flushing {
  readonly #backlog: Backlog = new Backlog();
  readonly #writer: FrameWriter<Message>;
  readonly #highWaterMark: number;
  readonly #events: SenderEvents;
  /** When pending messages are flushed. */
  readonly turn: Turn = new Turn(this);
  #transport: Transport;
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
    this.#writer = new FrameWriter(protocol, this.#backlog.queue);
    this.#transport = transport;
    this.#highWaterMark = highWaterMark;
    this.#events = events;
  }

  /** Number of bytes that were sent and that the system has not accepted. */
  get pending(): number {
    return this.#backlog.pending(this.#transport.written);
  }

  /** Whether nothing is pending and no write is in progress. */
  get idle(): boolean {
    return !this.#backlog.writing && this.#backlog.waiting === 0;
  }

  /** Number of bytes of all messages that were sent. */
  get sent(): number {
    return this.#backlog.sent;
  }

  /** The failure, if sent messages were pending then and are lost. */
  get loss(): ConnectionError | undefined {
    return this.#lost ? this.#failure : undefined;
  }

  /** The error after which nothing more can be sent. */
  get failure(): ConnectionError | undefined {
    return this.#failure;
  }

  /** Whether messages can be sent. */
  get open(): boolean {
    return this.#failure === undefined && this.#ending === undefined;
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
    const queued = this.#backlog.queue.length;
    if (queued >= FLUSH_THRESHOLD || queued >= this.#highWaterMark) this.#write();
    else this.turn.schedule();
    if (this.pending < this.#highWaterMark) return READY;
    const room = this.#waitForRoom();
    return signal === undefined ? room : (this.#aborts ??= new AbortGroups()).wait(room, signal);
  }

  /** Resolves when the system has accepted all sent bytes. */
  flush(): Promise<void> {
    if (this.#failure === undefined) this.#write();
    if (this.#failure !== undefined) return rejected(this.#failure);
    return this.idle ? READY : (this.#flushed ??= new Deferred()).promise;
  }

  /** Sends the pending bytes, then the end of the stream. */
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

  /** Stops sending. Pending calls reject. */
  fail(error: ConnectionError): void {
    if (this.#failure !== undefined) return;
    this.#lost = this.pending > 0;
    this.#failure = error;
    this.#backlog.clear();
    this.#room?.reject(error);
    this.#flushed?.reject(error);
    this.#plainWritten?.reject(error);
  }

  /**
   * Continues over another transport, which `start` creates once all bytes sent so far have been written to
   * this one. Messages sent meanwhile are queued.
   */
  upgrade(start: () => Promise<Transport>): Promise<void> {
    this.#backlog.setApart();
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

  /** Writes the pending bytes, unless a write is in progress: they are written after it. */
  #write(): void {
    const backlog = this.#backlog;
    while (!backlog.writing && this.#failure === undefined) {
      // During an upgrade only the plain text before it is written.
      if ((this.#plainWritten === undefined ? backlog.waiting : backlog.ahead) === 0) break;
      const writing = this.#startWrite(backlog.begin(this.#transport.written));
      if (writing === undefined) {
        backlog.end();
        continue;
      }
      writing.then(this.#onWritten, this.#onWriteError);
      this.#events.writeWaits();
    }
    this.#settle();
  }

  #startWrite(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    try {
      return this.#transport.write(chunks);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Messages sent during a write are written next, or at the end of the turn if they are few and no `flush`
   * waits for them: a write may end before the turn does (Deno 2.9), and each would carry few messages.
   */
  readonly #onWritten = (): void => {
    if (this.#failure !== undefined) return;
    const backlog = this.#backlog;
    backlog.end();
    const few = backlog.ahead === 0 && backlog.waiting < FLUSH_THRESHOLD;
    if (!few || this.#flushed !== undefined) return this.#write();
    if (backlog.waiting > 0) this.turn.schedule();
    this.#settle();
  };

  readonly #onWriteError = (cause: unknown): void => {
    if (this.#failure !== undefined) return;
    const error = connectionError("Cannot send", cause);
    this.fail(error);
    this.#events.writeFailed(error);
  };

  #settle(): void {
    if (!this.#backlog.writing && this.#backlog.ahead === 0) this.#plainWritten?.resolve();
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
      this.#events.backpressure(this.pending);
    }
    return this.#room.promise;
  }
}

function closedError(): ConnectionError {
  return new ConnectionError("Cannot send: this side has finished sending", { code: "closed" });
}
