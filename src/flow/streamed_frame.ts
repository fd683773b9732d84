import { ConnectionError } from "../errors.ts";
import type { OpenFrame } from "../frame_parts.ts";
import type { Receiver } from "./receiver.ts";
import type { Take } from "./takes.ts";

/** A frame whose body is a stream, so that it may be larger than memory. */
export interface StreamedFrame {
  /** The bytes before the body, such as its length prefix. */
  readonly header: Uint8Array;
  /** Length of the body in bytes. */
  readonly length: number;
  /**
   * The body: exactly `length` bytes, read from the source when it is read. It fails with a
   * {@link TruncatedFrameError} if the source ends before, and with a {@link MalformedFrameError} if the trailer
   * after it is missing. Unread bytes are discarded when the body is cancelled or the next message is requested.
   */
  readonly body: ReadableStream<Uint8Array>;
}

/** The options of `Connection.receiveStream` and `FrameReader.readStream`. */
export interface ReadStreamOptions {
  /** Aborts the call, and the body. The rest of the frame is discarded before the next one. */
  readonly signal?: AbortSignal;
  /** Maximum length of the body in bytes; default that of the connection, or `Infinity`. */
  readonly maxBodyLength?: number;
}

/** Receives a frame whose body is a stream. The signal aborts both. */
export async function receiveStream<Message>(
  receiver: Receiver<Message>,
  open: Take<Message, OpenFrame>,
  signal?: AbortSignal,
): Promise<StreamedFrame | undefined> {
  const frame = await receiver.when(
    (decoding) => {
      const opened = open(decoding);
      if (opened?.done === false) receiver.hold(opened);
      return opened;
    },
    undefined,
    signal,
  );
  if (frame === undefined) return undefined;
  return { header: frame.header, length: frame.length, body: bodyOf(frame, receiver, signal) };
}

function bodyOf<Message>(
  frame: OpenFrame,
  receiver: Receiver<Message>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  let onAbort: () => void;
  function end(): void {
    signal?.removeEventListener("abort", onAbort);
    receiver.release(frame);
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // A longer one that is done has been discarded meanwhile.
      if (frame.done && frame.length === 0) return controller.close();
      onAbort = () => {
        end();
        controller.error(signal!.reason);
      };
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort);
    },
    async pull(controller) {
      try {
        const part = await receiver.part(frame);
        if (part === undefined) throw stoppedError();
        if (part.length > 0) controller.enqueue(part);
        if (!frame.done) return;
        end();
        controller.close();
      } catch (error) {
        end();
        throw error;
      }
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

function stoppedError(): ConnectionError {
  return new ConnectionError("Cannot read body: this side has stopped receiving", {
    code: "closed",
  });
}
