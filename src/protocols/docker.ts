import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";

/** A piece of a container's standard streams. */
export interface DockerMessage {
  /** The stream. */
  readonly stream: "stdin" | "stdout" | "stderr";
  /** Its next bytes, which may end anywhere, also inside a character. */
  readonly data: Uint8Array;
}

const STREAMS = ["stdin", "stdout", "stderr"] as const;
/** Type of an error message of the daemon itself. */
const DAEMON = 3;

/**
 * Docker's multiplexed streams, for attaching, executing and logs of containers without a terminal (Docker
 * Engine API, "Attach to a container", "Stream format"). See {@link dockerStreams} for two readable streams.
 *
 * ```text
 *   ┌────────┬─────────┬────────┬──────┐
 *   │ stream │ 0, 0, 0 │ length │ data │   stream: 0 stdin, 1 stdout, 2 stderr
 *   └────────┴─────────┴────────┴──────┘
 *     1        3         4
 * ```
 *
 * The content type is `application/vnd.docker.multiplexed-stream`. A container with a terminal sends raw bytes, which
 * are refused as an unknown stream. An error message of the daemon in place of data (type 3) is a {@link CodecError}
 * with that message in its frame. The default limit is 1 MiB of data, many times what the daemon sends at once.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { docker } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(docker());
 * decoder.push(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 3, 0x6e, 0x6f, 0x0a));
 * const { stream, data } = decoder.read()!;
 * assert.equal(stream, "stderr");
 * assert.equal(new TextDecoder().decode(data), "no\n");
 * ```
 */
export function docker(): Protocol<DockerMessage> {
  return {
    framer: headerFramer(8, { offset: 4 }, (input) => {
      const type = input.peek()!;
      if (type > DAEMON) {
        throw new MalformedFrameError(
          `unknown stream ${type}: a container with a terminal does not multiplex its streams`,
        );
      }
      if (input.peek(1) || input.peek(2) || input.peek(3)) {
        throw new MalformedFrameError("its header has bytes other than zero after the stream");
      }
    }),
    codec: {
      decode(frame) {
        const stream = STREAMS[frame[0]!];
        if (stream === undefined) throw new MalformedFrameError("it is an error of the daemon");
        return { stream, data: frame.subarray(8) };
      },
      ...writing(({ stream, data }: DockerMessage, output) => {
        const type = STREAMS.indexOf(stream);
        if (type < 0) {
          throw new TypeError(`Invalid stream ${stream}: expected stdin, stdout or stderr`);
        }
        output.writeUint(type, 1);
        output.writeUint(0, 3);
        output.writeUint(data.length, 4);
        output.write(data);
      }),
    },
    maxFrameLength: 8 + 2 ** 20,
  };
}
