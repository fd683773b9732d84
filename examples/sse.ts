/** Server-sent events in the response of a `fetch`, continued after the connection was lost. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { FrameEncoder, readFrames } from "@framewright/framewright";
import { type ServerSentEvent, sse } from "@framewright/framewright/protocols";

const events: ServerSentEvent[] = [
  { id: "1", data: "one", retry: 10 },
  { id: "2", event: "lines", data: "first\nsecond" },
  { id: "3", data: "done" },
];

/** Sends the events after the last one that the client has, but loses the connection after two of them. */
const server = createServer((request, response) => {
  const last = Number(request.headers["last-event-id"] ?? 0);
  const encoder = new FrameEncoder(sse());
  encoder.write({ comment: "welcome" });
  for (const event of events.slice(last, last + 2)) encoder.write(event);
  response.setHeader("content-type", "text/event-stream");
  for (const chunk of encoder.drain()) response.write(chunk);
  response.end("data: unfinished");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

let lastEventId: string | undefined;
let pause = 3000;
let done = false;
while (!done) {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
  for await (const { id, retry, event = "message", data } of readFrames(response.body!, sse())) {
    if (id !== undefined) lastEventId = id;
    if (retry !== undefined) pause = retry;
    if (data === undefined) continue;
    console.log(`${event} ${lastEventId}: ${data}`);
    done = data === "done";
  }
  await new Promise((resolve) => setTimeout(resolve, pause));
}
server.close();
server.closeAllConnections();
