/** Stream processing on an edge server: filters lines of JSON. */
import { FrameDecoderStream, FrameEncoderStream, json, lines } from "@framewright/framewright";

type Reading = { readonly sensor: string; readonly celsius: number };
const readings = { framer: lines(), codec: json<Reading>(), maxFrameLength: 4096 };

const hot = new TransformStream<Reading, Reading>({
  transform(reading, output) {
    if (reading.celsius > 30) output.enqueue(reading);
  },
});

/** Request handler for `export default { fetch }` or `Deno.serve`. */
function fetch(request: Request): Response {
  const body = request.body!
    .pipeThrough(new FrameDecoderStream(readings))
    .pipeThrough(hot)
    .pipeThrough(new FrameEncoderStream(readings));
  return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
}

const body = [
  '{ "sensor": "roof", "celsius": 41 }',
  '{ "sensor": "cellar", "celsius": 12 }',
  '{ "sensor": "stove", "celsius": 180 }',
].join("\n");
const reply = fetch(new Request("http://localhost/", { method: "POST", body }));
console.log(await reply.text());
