/** Responses of HTTP/1.1 with every end of a body (RFC 9112, 6.3); the preset `http1` checks more. */
import {
  delimited,
  fixed,
  MalformedFrameError,
  type Part,
  part,
  sequence,
  type SequenceProtocol,
  terminated,
  text,
  untilClose,
} from "@framewright/framewright";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly host: string;
}
export interface Response {
  readonly status: number;
  /** Header fields and trailers, by name in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly body: readonly Uint8Array[];
}

const line = part({ framer: delimited("\r\n"), codec: text(), maxFrameLength: 8192 });

/** Creates the protocol of one connection. */
export function http(): SequenceProtocol<Response, Request> {
  /** The methods of requests without a response. */
  const methods: string[] = [];
  return sequence<Response, Request>({
    *read() {
      const status = statusOf(yield* line);
      const fields = new Map<string, string>();
      yield* readFields(fields);
      const method = status < 200 ? methods[0] : methods.shift();
      if (status < 200 || status === 204 || status === 304 || method === "HEAD") {
        return { status, fields, body: [] };
      }
      const length = fields.get("content-length");
      if (!fields.has("transfer-encoding")) {
        const framer = length === undefined ? untilClose() : fixed(sizeOf(length, 10));
        return { status, fields, body: [yield* part(framer)] };
      }
      const body: Uint8Array[] = [];
      refuse(length !== undefined || fields.get("transfer-encoding") !== "chunked");
      for (let size; (size = sizeOf(yield* line, 16)) > 0;) body.push(yield* block(size));
      yield* readFields(fields);
      return { status, fields, body };
    },
    write({ method, path, host }, output) {
      output.write(new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
      methods.push(method);
    },
  });
}

function* readFields(fields: Map<string, string>): Generator<Part, void, unknown> {
  for (let field; (field = yield* line) !== "";) {
    const [, name, value] = /^([\w-]+):[ \t]*(.*)$/.exec(field) ?? [];
    refuse(name === undefined);
    const earlier = fields.get(name!.toLowerCase());
    fields.set(name!.toLowerCase(), earlier === undefined ? value! : `${earlier}, ${value}`);
  }
}

/** Reads a chunk. */
function block(size: number): Part<Uint8Array> {
  return part(terminated(fixed(size), "\r\n"));
}

function statusOf(line: string): number {
  const [, status] = /^HTTP\/1\.[01] ([1-9]\d\d)(?: |$)/.exec(line) ?? [];
  refuse(status === undefined);
  return Number(status);
}

function sizeOf(digits: string, radix: 10 | 16): number {
  refuse(!(radix === 10 ? /^\d{1,12}$/ : /^[\da-f]{1,10}$/i).test(digits));
  return parseInt(digits, radix);
}

/** Refuses what another program could understand differently. */
function refuse(invalid: boolean): void {
  if (invalid) throw new MalformedFrameError("not a response of HTTP/1.1");
}
