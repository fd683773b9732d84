/** Reads a reply as HTTP/1.1 sends it, one framing after the other: a line, a block, a body. */
import { delimited, fixed, FrameReader, lines, text } from "@framewright/framewright";

/** The reply, in chunks of five bytes. */
async function* socket(): AsyncGenerator<Uint8Array> {
  const reply = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n" +
    "Hello, world" + "what comes behind it";
  const bytes = new TextEncoder().encode(reply);
  for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
}

const reader = new FrameReader(socket());
const status = await reader.read({ framer: lines(), codec: text() });
const block = await reader.read({
  framer: delimited("\r\n\r\n"),
  codec: text(),
  maxFrameLength: 8192,
});
const fields = new Headers(
  block?.split("\r\n").map((line) => line.split(/: */, 2) as [string, string]),
);
const body = await reader.read({
  framer: fixed(Number(fields.get("content-length"))),
  codec: text(),
});

console.log({ status, fields: Object.fromEntries(fields), body });
console.log("unread:", await new Response(reader.detach().readable).text());
