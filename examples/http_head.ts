/** Reads an HTTP/1.1 response with three framings in turn: status line, header fields, body. */
import { delimited, fixed, FrameReader, lines, text } from "@framewright/framewright";

/** A response in chunks of five bytes. */
async function* socket(): AsyncGenerator<Uint8Array> {
  const response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n" +
    "Hello, world" + "bytes after it";
  const bytes = new TextEncoder().encode(response);
  for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
}

const reader = new FrameReader(socket());
const status = await reader.read({ framer: lines(), codec: text() });
const head = await reader.read({
  framer: delimited("\r\n\r\n"),
  codec: text(),
  maxFrameLength: 8192,
});
const fields = new Headers(
  head?.split("\r\n").map((line) => line.split(/: */, 2) as [string, string]),
);
const body = await reader.read({
  framer: fixed(Number(fields.get("content-length"))),
  codec: text(),
});

console.log({ status, fields: Object.fromEntries(fields), body });
console.log("unread:", await new Response(reader.detach().readable).text());
