import type { Inbound } from "./inbound.ts";

/**
 * The Web Streams face of {@link Inbound}: reads when it is read, and hands on all messages at hand at
 * once. A stream that fails lets go of what it had queued, so an error comes only when all messages
 * before it were read.
 *
 * @param cancel Is called when nobody will read any more, with the reason or the error.
 */
export function messageStream<Message>(
  inbound: Inbound<Message>,
  cancel: (reason: unknown) => unknown,
): ReadableStream<Message> {
  return new ReadableStream<Message>({
    async pull(controller) {
      const messages = await inbound.batch().catch((error) => {
        cancel(error);
        throw error;
      });
      if (messages === undefined) return controller.close();
      for (const message of messages) controller.enqueue(message);
    },
    async cancel(reason) {
      await cancel(reason);
    },
  }, { highWaterMark: 0 });
}
