import { AbortGroups } from "../async/abort_groups.ts";
import { Deferred } from "../async/deferred.ts";
import { rejected } from "../async/rejected.ts";
import { ONE_BLOCK, type WriteQueue } from "../bytes/write_queue.ts";
import type { ConnectionError } from "../errors.ts";
import { FrameWriter } from "../frame_writer.ts";
import type { Framer } from "../framers/framer.ts";
import type { ProtocolParts } from "../protocol.ts";
import { connectionError } from "../transports/connection_error.ts";
import type { Transport } from "../transports/transport.ts";
import { Backlog } from "./backlog.ts";
import { PlainText } from "./plain_text.ts";
import { StreamedSend, type StreamedSendOptions, type StreamHost } from "./streamed_send.ts";
import type { SenderEvents } from "./sender_events.ts";
import { closedError } from "./closed_error.ts";
import { type Flushing, Turn } from "./turn.ts";

/** Number of queued bytes that are written at once, without waiting for the turn. */
const FLUSH_THRESHOLD = ONE_BLOCK;

/** Returned where there is no backpressure. */
const READY: Promise<void> = /* @__PURE__ */ Promise.resolve();

/**
 * The sending half of a connection: one write at a time, of all pending bytes. {@link Turn} decides when;
 * from the threshold or the high-water mark on, they are written at once.
 */
export class Sender<Message> implements Flushing, StreamHost {
  readonly backlog: Backlog = new Backlog();
  readonly #writer: FrameWriter<Message>;
  readonly highWaterMark: number;
  readonly events: SenderEvents;
  /** When pending messages are flushed. */
  readonly turn: Turn = new Turn(this);
  #transport: Transport;
  #room: Deferred | undefined = undefined;
  #flushed: Deferred | undefined = undefined;
  #aborts: AbortGroups | undefined = undefined;
  #upgraded: Promise<void> = READY;
  #ending: Promise<void> | undefined = undefined;
  /** The error after which nothing more can be sent. */
  failure: ConnectionError | undefined = undefined;
  #lost = false;

  constructor(
    protocol: Framer | ProtocolParts<unknown, Message>,
    transport: Transport,
    { highWaterMark, events }: { readonly highWaterMark: number; readonly events: SenderEvents },
  ) {
    this.#writer = new FrameWriter(protocol, this.backlog.queue);
    this.#transport = transport;
    this.highWaterMark = highWaterMark;
    this.events = events;
  }

  /** Number of bytes that were sent and that the system has not accepted. */
  get pending(): number {
    return this.backlog.pending(this.#transport.written);
  }

  /** The failure, if sent messages were pending then and are lost. */
  get loss(): ConnectionError | undefined {
    return this.#lost ? this.failure : undefined;
  }

  /** Whether messages can be sent. */
  get open(): boolean {
    return this.failure === undefined && this.#ending === undefined;
  }

  /** Sends a message. Resolves when more may be sent. */
  send(message: Message, signal?: AbortSignal): Promise<void> {
    if (this.failure !== undefined) return rejected(this.failure);
    if (this.#ending !== undefined) return rejected(closedError());
    try {
      this.#writer.write(message);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#flushSoon(this.backlog.queue.length);
    if (this.pending < this.highWaterMark) return READY;
    const room = this.#waitForRoom();
    return signal === undefined ? room : (this.#aborts ??= new AbortGroups()).wait(room, signal);
  }

  /** Sends a frame whose bytes come from a source. Resolves when the last of them have been added. */
  sendStream(options: StreamedSendOptions): Promise<void> {
    if (this.failure !== undefined) return rejected(this.failure);
    if (this.#ending !== undefined) return rejected(closedError());
    try {
      const announcement = this.#writer.announce(options.length, options.limit);
      const stream = new StreamedSend(this, announcement, options);
      this.backlog.divide(stream);
      this.write();
      return stream.sent;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  added(bytes: WriteQueue): void {
    this.#flushSoon(bytes.length);
    this.#settle();
  }

  /** Resolves when the system has accepted all sent bytes. */
  flush(): Promise<void> {
    if (this.failure === undefined) this.write();
    if (this.failure !== undefined) return rejected(this.failure);
    return this.backlog.idle ? READY : (this.#flushed ??= new Deferred()).promise;
  }

  /** Sends the pending bytes, then the end of the stream. */
  closeWrite(): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = this.flush()
        .then(() => this.#upgraded)
        .then(() => this.#transport.closeWrite())
        .catch((cause) => {
          const error = connectionError("Cannot close", cause);
          this.#failWrite(error);
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
    if (this.failure !== undefined) return;
    this.#lost = this.pending + this.backlog.announced > 0;
    this.failure = error;
    this.backlog.fail(error);
    this.#room?.reject(error);
    this.#flushed?.reject(error);
  }

  /**
   * Continues over another transport, which `start` creates once all bytes sent so far have been written to
   * this one. Messages sent meanwhile are queued.
   */
  upgrade(start: () => Promise<Transport>): Promise<void> {
    const plain = new PlainText();
    this.backlog.divide(plain);
    this.#upgraded = plain.written.then(start).then((transport) => {
      this.#transport = transport;
      plain.complete = true;
      this.write();
    });
    this.#upgraded.catch(() => {});
    this.write();
    return this.#upgraded;
  }

  /** Writes at once, or at the end of the turn if few bytes are queued. */
  #flushSoon(queued: number): void {
    if (queued >= FLUSH_THRESHOLD || queued >= this.highWaterMark) this.write();
    else this.turn.schedule();
  }

  /** Writes the pending bytes, unless a write is in progress: they are written after it. */
  write(): void {
    const backlog = this.backlog;
    while (!backlog.writing && this.failure === undefined && backlog.ready > 0) {
      const writing = this.#startWrite(backlog.begin(this.#transport.written));
      if (writing === undefined) {
        backlog.end();
        continue;
      }
      writing.then(this.#onWritten, this.#onWriteError);
      this.events.writeWaits();
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
    if (this.failure !== undefined) return;
    const backlog = this.backlog;
    backlog.end();
    const { ready, first } = backlog;
    const few = first === undefined && ready < FLUSH_THRESHOLD;
    if (!few || this.#flushed !== undefined) return this.write();
    if (ready > 0) this.turn.schedule();
    this.#settle();
  };

  readonly #onWriteError = (cause: unknown): void => {
    this.#failWrite(connectionError("Cannot send", cause));
  };

  #failWrite(error: ConnectionError): void {
    if (this.failure !== undefined) return;
    this.fail(error);
    this.events.writeFailed(error);
  }

  #settle(): void {
    this.backlog.proceed(this.#transport.written);
    if (this.#room !== undefined && this.pending < this.highWaterMark) {
      this.#room.resolve();
      this.#room = undefined;
    }
    if (this.#flushed !== undefined && this.backlog.idle) {
      this.#flushed.resolve();
      this.#flushed = undefined;
    }
  }

  #waitForRoom(): Promise<void> {
    if (this.#room === undefined) {
      this.#room = new Deferred();
      this.events.backpressure(this.pending);
    }
    return this.#room.promise;
  }
}
