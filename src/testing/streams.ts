/** Returns a stream of these chunks, each of which is pulled. */
export function streamOf<Item>(chunks: readonly Item[]): ReadableStream<Item> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}

/** Yields what a stream contains; not every runtime can iterate over it. */
export async function* items<Item>(readable: ReadableStream<Item>): AsyncGenerator<Item> {
  const reader = readable.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}
