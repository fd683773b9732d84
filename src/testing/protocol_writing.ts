import { concat } from "../bytes/concat.ts";
import { Connection } from "../connections/connection.ts";
import { FrameEncoder } from "../frame_encoder.ts";
import type { ProtocolParts } from "../protocol.ts";
import { FrameEncoderStream } from "../streams/frame_encoder_stream.ts";
import { announced } from "./announced.ts";
import { type AnyProtocol, fail, framesOf, type Subject } from "./protocol_subject.ts";
import { sameValue } from "./same_value.ts";
import { items, streamOf } from "./streams.ts";
import { equalBytes } from "./verification_failure.ts";

/** Returns the bytes of messages, and verifies that every way to write them gives the same. */
export async function writtenBytes(
  create: () => AnyProtocol,
  messages: readonly unknown[],
  name: string,
): Promise<Uint8Array> {
  const protocol = () => create() as ProtocolParts<unknown, unknown>;
  const [together, single] = [new FrameEncoder(protocol()), new FrameEncoder(protocol())];
  const parts: Uint8Array[] = [];
  const before = copyOf(messages);
  for (const [index, message] of messages.entries()) {
    try {
      together.write(message);
      single.write(message);
    } catch (error) {
      fail(name, `message ${index} cannot be written: ${error}`, error);
    }
    parts.push(concat(single.drain()));
  }
  const bytes = concat(together.drain());
  const others = {
    "that are written one by one": concat(parts),
    "that a connection sends": await sentBytes(protocol(), messages),
    "that FrameEncoderStream writes": await pipedBytes(protocol(), messages),
  };
  for (const [which, other] of Object.entries(others)) {
    if (!equalBytes(bytes, other)) {
      fail(name, `messages ${which} differ from messages that are written together`);
    }
  }
  if (before !== undefined && !sameValue(messages, before)) {
    fail(name, "writing the messages has changed them");
  }
  return bytes;
}

/** Verifies that frames whose bytes come from streams are written as the stream. */
export function verifyAnnounced({ name, create, stream }: Subject): void {
  const { framer, sending } = create();
  const output = sending === undefined ? announced(framer, framesOf(create(), stream)) : undefined;
  if (output === undefined || equalBytes(output, stream)) return;
  fail(name, "frames that are announced differ from frames that are written");
}

/** Returns a copy of the messages, if they can be copied. */
function copyOf(messages: readonly unknown[]): unknown {
  try {
    const copy = structuredClone(messages);
    return sameValue(copy, messages) ? copy : undefined;
  } catch {
    return undefined;
  }
}

async function sentBytes(
  protocol: ProtocolParts<unknown, unknown>,
  messages: readonly unknown[],
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  // The memory of a chunk belongs to the connection once it has been written.
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => void chunks.push(chunk.slice()),
  });
  const connection = new Connection<unknown>(
    { readable: streamOf([]), writable },
    protocol as never,
  );
  for (const message of messages) await connection.send(message);
  await connection.closeWrite();
  connection.abort();
  return concat(chunks);
}

async function pipedBytes(
  protocol: ProtocolParts<unknown, unknown>,
  messages: readonly unknown[],
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const piped = streamOf(messages).pipeThrough(new FrameEncoderStream(protocol));
  for await (const chunk of items(piped)) chunks.push(chunk);
  return concat(chunks);
}
