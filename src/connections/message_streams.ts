import { readableOf } from "../async/readable_of.ts";
import type { MessageIterator } from "../flow/message_iterator.ts";

/** The calls of a connection that its Web Streams are made of. */
export interface MessageStreamCalls<In, Out> extends Pick<MessageIterator<In>, "next"> {
  send(message: Out): Promise<void>;
  closeWrite(): Promise<void>;
  abort(reason?: unknown): void;
}

/** The Web Streams of a connection's messages, created when first used. */
export class MessageStreams<In, Out> {
  readonly #connection: MessageStreamCalls<In, Out>;
  #readable: ReadableStream<In> | undefined;
  #writable: WritableStream<Out> | undefined;

  constructor(connection: MessageStreamCalls<In, Out>) {
    this.#connection = connection;
  }

  /** The received messages, decoded when read. */
  get readable(): ReadableStream<In> {
    const connection = this.#connection;
    const read = async () => {
      const { value } = await connection.next().catch((error) => {
        connection.abort(error);
        throw error;
      });
      return value;
    };
    return this.#readable ??= readableOf(read, (reason) => connection.abort(reason));
  }

  /** The messages to send. */
  get writable(): WritableStream<Out> {
    const connection = this.#connection;
    return this.#writable ??= new WritableStream<Out>({
      write: (message) => connection.send(message),
      close: () => connection.closeWrite(),
      abort: (reason) => connection.abort(reason),
    });
  }
}
