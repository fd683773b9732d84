/** The client and the server of Apache Thrift, without generated code. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { load, run, type Untyped } from "./package.ts";

const thrift = load("thrift");
const { TBinaryProtocol, TFramedTransport } = thrift;
const { CALL, REPLY } = thrift.Thrift.MessageType;
const { STRING } = thrift.Thrift.Type;
const framed = { transport: TFramedTransport, protocol: TBinaryProtocol };

/** Writes a message with one field. */
function write(output: Untyped, type: number, id: number, field: number, text: string): void {
  output.writeMessageBegin("echo", type, id);
  output.writeStructBegin("echo");
  output.writeFieldBegin("text", STRING, field);
  output.writeString(text);
  output.writeFieldEnd();
  output.writeFieldStop();
  output.writeStructEnd();
  output.writeMessageEnd();
  output.flush();
}

/** Reads the field of a message that has begun. */
function read(input: Untyped): string {
  input.readStructBegin();
  assert.equal(input.readFieldBegin().ftype, STRING);
  const text = input.readString();
  input.readFieldEnd();
  input.readFieldBegin();
  input.readStructEnd();
  input.readMessageEnd();
  return text;
}

/** What the compiler would generate for `service Echo { string echo(1: string text) }`. */
class Client {
  readonly #requests: Record<number, (error: unknown, text: string) => void> = {};
  readonly #output: Untyped;
  #id = 0;

  constructor(transport: Untyped, Protocol: Untyped) {
    this.#output = new Protocol(transport);
  }

  get _reqs(): object {
    return this.#requests;
  }

  echo(text: string): Promise<string> {
    const id = ++this.#id;
    const reply = new Promise<string>((resolve) => {
      this.#requests[id] = (_, text) => resolve(text);
    });
    write(this.#output, CALL, id, 1, text);
    return reply;
  }

  recv_echo(input: Untyped, type: number, id: number): void {
    assert.equal(type, REPLY);
    const text = read(input);
    this.#requests[id]!(null, text);
  }
}

class Processor {
  process(input: Untyped, output: Untyped): void {
    const { rseqid } = input.readMessageBegin();
    write(output, REPLY, rseqid, 0, read(input));
  }
}

await run({
  /** Returns each text, until its first client has gone. */
  echo() {
    const server = thrift.createServer(Processor, {}, framed);
    server.listen(0, "127.0.0.1", () => tell(server.address().port));
    server.on("connection", () => server.close());
  },

  /** Calls a server many times at once, and with a long text. */
  async work({ port, length }: { readonly port: number; readonly length: number }) {
    const connection = thrift.createConnection("127.0.0.1", port, framed);
    const client = thrift.createClient(Client, connection);
    const texts = Array.from({ length: 1000 }, (_, index) => `€ ${index}`);
    texts.push("x".repeat(length), "");
    assert.deepEqual(await Promise.all(texts.map((text) => client.echo(text))), texts);
    tell(texts.length);
    connection.end();
  },
});
