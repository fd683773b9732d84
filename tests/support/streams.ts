/** Encodes text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Decodes UTF-8; `undefined` stays `undefined`. */
export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** Returns a stream that delivers one chunk per read, strings as UTF-8. */
export function streamOf(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(typeof chunk === "string" ? utf8(chunk) : chunk);
    },
  }, { highWaterMark: 0 });
}

/** Returns a stream that the test controls. */
export function openStream(): {
  readable: ReadableStream<Uint8Array>;
  push(chunk: string): void;
  end(): void;
  fail(error: unknown): void;
  cancelled: unknown[];
} {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const cancelled: unknown[] = [];
  const readable = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: (reason) => void cancelled.push(reason),
  });
  return {
    readable,
    push: (chunk) => controller.enqueue(utf8(chunk)),
    end: () => controller.close(),
    fail: (error) => controller.error(error),
    cancelled,
  };
}

/** Reads a stream to its end. */
export async function collect<Item>(readable: ReadableStream<Item>): Promise<Item[]> {
  const items: Item[] = [];
  const reader = readable.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    items.push(read.value);
  }
  return items;
}
