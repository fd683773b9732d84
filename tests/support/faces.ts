/**
 * Ways to read the messages of a connection, and to cut its stream.
 *
 * @module
 */

import { Connection, type ConnectionOptions, type Protocol } from "../../mod.ts";
import { chunksOf } from "./bytes.ts";
import { streamOf } from "./streams.ts";

/** One way to read the messages of a connection, one at a time. */
export interface Face {
  readonly name: string;
  /**
   * Reads until `handle` returns `true`, or to the end, and leaves the connection open. `handle` runs where
   * a program would handle a message: in the body of a loop, or in the sink of a pipe.
   */
  read<Message>(connection: Connection<Message>, handle: Handle<Message>): Promise<void>;
}

/** Handles a message; `true` stops reading. */
export type Handle<Message> = (message: Message) => boolean | Promise<boolean>;

/** All faces that read one message at a time. */
export const faces: readonly Face[] = [
  {
    name: "receive()",
    async read(connection, handle) {
      for (;;) {
        const message = await connection.receive();
        if (message === undefined || await handle(message)) return;
      }
    },
  },
  {
    name: "next()",
    async read(connection, handle) {
      for (;;) {
        const { done, value } = await connection.next();
        if (done || await handle(value!)) return;
      }
    },
  },
  {
    name: "for await",
    async read(connection, handle) {
      for await (const message of connection) if (await handle(message)) return;
    },
  },
  {
    name: "a reader of readable",
    async read(connection, handle) {
      const reader = connection.readable.getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done || await handle(value)) return;
        }
      } finally {
        reader.releaseLock();
      }
    },
  },
  {
    name: "for await of readable",
    async read(connection, handle) {
      for await (const message of connection.readable.values({ preventCancel: true })) {
        if (await handle(message)) return;
      }
    },
  },
  {
    name: "readable.pipeTo()",
    async read<Message>(connection: Connection<Message>, handle: Handle<Message>) {
      const enough = new Error("enough");
      const sink = new WritableStream<Message>({
        async write(message) {
          if (await handle(message)) throw enough;
        },
      });
      await connection.readable.pipeTo(sink, { preventCancel: true }).catch((error) => {
        if (error !== enough) throw error;
      });
    },
  },
];

/** The face that reads all buffered messages at once. Its `handle` may stop within a batch. */
export const batches: Face = {
  name: "batches()",
  async read(connection, handle) {
    for await (const batch of connection.batches()) {
      for (const message of batch) if (await handle(message)) return;
    }
  },
};

/** Returns whether a face reads the connection's Web Stream, which ends with its first error. */
export function isStream({ name }: Face): boolean {
  return name.includes("readable");
}

/** Yields a stream whole, cut in two at every place, and byte by byte. */
export function* cuts(stream: Uint8Array): Generator<Uint8Array[]> {
  yield [stream.slice()];
  for (let cut = 1; cut < stream.length; cut++) yield [stream.slice(0, cut), stream.slice(cut)];
  yield chunksOf(stream, 1);
}

/** Returns a connection that receives these chunks, one per read, then the end. */
export function receiving<Message = Uint8Array>(
  chunks: readonly Uint8Array[],
  protocol: Protocol<Message> & ConnectionOptions,
): Connection<Message> {
  const pair = { readable: streamOf(...chunks), writable: new WritableStream<Uint8Array>() };
  return new Connection(pair, protocol);
}

/** Describes a cut by its chunk sizes, for assertion messages. */
export function sizes(chunks: readonly Uint8Array[]): string {
  return `in chunks of ${chunks.map(({ length }) => length).join(", ")}`;
}
