/** Responses of HTTP/1.1 (RFC 9112, 6): the end of a body depends on the fields, and on the request. */
import {
  delimited,
  fixed,
  MalformedFrameError,
  part,
  sequence,
  type SequenceProtocol,
  terminated,
  text,
  untilClose,
} from "@framewright/framewright";

export interface Response {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: readonly Uint8Array[];
  readonly trailers: ReadonlyMap<string, string>;
}

const crlf = delimited("\r\n");
const line = part({ framer: crlf, codec: text(), maxFrameLength: 8192 });
const empty = part(terminated(fixed(0), "\r\n"));
const rest = part(untilClose());

/** @param methods The methods of the requests on this connection, in order. */
export function httpResponses(methods: string[]): SequenceProtocol<Response, never> {
  return sequence<Response, never>({
    *read() {
      const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(yield* line)?.[1]);
      if (!(status >= 100)) throw new MalformedFrameError("no status line");
      const fields = yield* fieldLines();
      const [body, none]: [Uint8Array[], Response["fields"]] = [[], new Map()];
      // Interim responses come before the response.
      const method = status < 200 ? "" : methods.shift();
      const bare = method === "HEAD" || status < 200 || status === 204 || status === 304;
      const coding = fields.get("transfer-encoding");
      if (bare) return { status, fields, body, trailers: none };
      if (coding !== undefined && /(^|[, ])chunked$/i.test(coding)) {
        for (let size; (size = numberIn(yield* line, /^([\da-f]{1,8})(?:$|[ ;])/i, 16)) > 0;) {
          body.push(yield* part(size));
          yield* empty;
        }
        return { status, fields, body, trailers: yield* fieldLines() };
      }
      const length = coding === undefined ? fields.get("content-length") : undefined;
      body.push(yield* length === undefined ? rest : part(numberIn(length, /^(\d+)$/, 10)));
      return { status, fields, body, trailers: none };
    },
  });
}

function* fieldLines() {
  const fields = new Map<string, string>();
  for (let next; (next = yield* line) !== "";) {
    const [, name, value] = /^([!#-'*+.^-z|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(next) ?? [];
    if (name === undefined) throw new MalformedFrameError("no field");
    const key = name.toLowerCase();
    if (key === "content-length" && fields.has(key)) throw new MalformedFrameError("two lengths");
    fields.set(key, value!);
  }
  return fields;
}

function numberIn(text: string, pattern: RegExp, radix: number): number {
  const digits = pattern.exec(text)?.[1];
  if (digits === undefined) throw new MalformedFrameError("no length");
  return parseInt(digits, radix);
}
