/**
 * Returns a Web Stream that reads on demand, and buffers nothing.
 *
 * @param read Returns the next chunk; `undefined` at the end.
 */
export function readableOf<Chunk>(
  read: () => Promise<Chunk | undefined>,
  cancel: (reason: unknown) => void | Promise<void>,
): ReadableStream<Chunk> {
  return new ReadableStream<Chunk>({
    async pull(controller) {
      const chunk = await read();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel,
  }, { highWaterMark: 0 });
}
