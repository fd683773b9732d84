import type { ByteSource } from "../flow/byte_source.ts";
import { readFrames } from "../streams/read_frames.ts";
import { docker } from "./docker.ts";

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** The output of a container. */
export interface DockerStreams {
  /** Its standard output. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** Its standard error. */
  readonly stderr: ReadableStream<Uint8Array>;
}

/**
 * Splits Docker's multiplexed output (see {@link docker}) into two readable streams.
 *
 * Bytes are read while one of the two is read. Bytes for the other one are held in memory until it is read, as
 * `ReadableStream.tee` does; cancel a stream that is not needed. The source is cancelled when both are.
 *
 * @param source The body of the response.
 * @throws {TypeError} The source does not yield bytes, or the stream is locked.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { dockerStreams } from "@framewright/framewright/protocols";
 *
 * const bytes = new TextEncoder().encode("\x01\0\0\0\0\0\0\x02hi\x02\0\0\0\0\0\0\x02no");
 * const { stdout, stderr } = dockerStreams(new Response(bytes).body!);
 * assert.equal(await new Response(stdout).text(), "hi");
 * assert.equal(await new Response(stderr).text(), "no");
 * ```
 */
export function dockerStreams(source: ByteSource): DockerStreams {
  const messages = readFrames(source, docker());
  /** The streams that have neither ended nor been cancelled. */
  const open = new Set<Controller>();
  let reading: Promise<Controller | undefined> | undefined;

  /** Returns the stream that the next message is for; both may wait for it. */
  function next(): Promise<Controller | undefined> {
    return reading ??= read().finally(() => reading = undefined);
  }

  async function read(): Promise<Controller | undefined> {
    try {
      const { done, value } = await messages.next();
      if (done) return end((controller) => controller.close());
      const controller = value.stream === "stderr" ? stderr.controller : stdout.controller;
      if (value.data.length === 0 || !open.has(controller)) return undefined;
      controller.enqueue(value.data);
      return controller;
    } catch (error) {
      end((controller) => controller.error(error));
      messages.return!().catch(() => {});
      return undefined;
    }
  }

  function end(close: (controller: Controller) => void): undefined {
    for (const controller of open) close(controller);
    open.clear();
  }

  function output(): { readonly readable: ReadableStream<Uint8Array>; controller: Controller } {
    let controller!: Controller;
    const readable = new ReadableStream<Uint8Array>({
      start(given) {
        open.add(controller = given);
      },
      async pull() {
        while (open.has(controller) && await next() !== controller);
      },
      async cancel() {
        open.delete(controller);
        if (open.size === 0) await messages.return!();
      },
    }, { highWaterMark: 0 });
    return { readable, controller };
  }

  const [stdout, stderr] = [output(), output()];
  return { stdout: stdout.readable, stderr: stderr.readable };
}
