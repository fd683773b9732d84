import type { FramedTransport } from "./framed_transport.ts";

/**
 * Ends both halves of a connection: sends everything and the end of the stream, then discards input up to
 * the peer's end. Closing a socket with unread input would make the system reset the connection, and the
 * peer lose input that it has not read.
 */
export class GracefulClose {
  readonly #framed: FramedTransport<unknown, never>;
  #stopped = false;
  #stop: (() => void) | undefined = undefined;

  constructor(framed: FramedTransport<unknown, never>) {
    this.#framed = framed;
  }

  /** Returns whether everything could be sent. */
  async run(): Promise<boolean> {
    const { receiver, sender, timeLimits } = this.#framed;
    receiver.stop();
    timeLimits.limitSending();
    const sent = await sender.closeWrite().then(() => true, () => false);
    if (sent && !this.#stopped) await this.#linger();
    return sent;
  }

  /** Stops waiting for the peer's end. */
  stop(): void {
    this.#stopped = true;
    this.#stop?.();
  }

  #linger(): Promise<void> {
    return new Promise((resolve) => {
      this.#stop = resolve;
      this.#framed.timeLimits.limitLingering();
      this.#framed.receiver.feed.discard().then(resolve);
    });
  }
}
