/** Resolves the addresses of a name by DNS over TCP: `dns_resolver.ts NAME [HOST [PORT]]`. */
import process from "node:process";
import { connect, Requester } from "@framewright/framewright";
import { dns, type DnsData, type DnsMessage } from "@framewright/framewright/protocols";

const [name = "localhost", hostname = "127.0.0.1", port = "53"] = process.argv.slice(2);
const [A, AAAA] = [1, 28];
const failures = ["", "invalid query", "server failure", "unknown name", "no support", "refused"];

/** Returns a query: a flag (recursion desired), one question: labels, type, class (Internet). */
function query(type: number): Uint8Array {
  const labels = name.replace(/\.$/, "").split(".").map((label) => new TextEncoder().encode(label));
  const question = labels.flatMap((label) => [label.length, ...label]);
  const header = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return Uint8Array.of(...header, ...question, 0, 0, type, 0, 1);
}

/** Returns the offset after a name: labels up to an empty one or a pointer. */
function afterName(data: Uint8Array, at: number): number {
  while (data[at]! > 0 && data[at]! < 0xc0) at += 1 + data[at]!;
  return at + (data[at] === 0 ? 1 : 2);
}

/** Returns the addresses in a response: those of its answers that have this type. */
function addressesIn(data: Uint8Array, type: number): string[] {
  const code = data[3]! & 0xf;
  if (code > 0) throw new Error(`Cannot resolve ${name}: ${failures[code] ?? `code ${code}`}`);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const found: string[] = [];
  let at = afterName(data, 12) + 4;
  for (let count = view.getUint16(6); count > 0; count--) {
    at = afterName(data, at);
    const recordType = view.getUint16(at);
    const length = view.getUint16(at + 8);
    at += 10;
    if (recordType === type) found.push(addressIn(data.subarray(at, at + length)));
    at += length;
  }
  return found;
}

function addressIn(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => bytes[at]! * 256 + bytes[at + 1]!);
  return groups.map((group) => group.toString(16)).join(":");
}

const connection = await connect({ hostname, port: Number(port), ...dns() });
const requester = new Requester<DnsData, DnsMessage>(connection, { match: ({ id }) => id });
const lists = await Promise.all([A, AAAA].map(async (type) => {
  const response = await requester.request({ id: type, data: query(type) }, { timeout: 5_000 });
  return addressesIn(response.data, type);
}));
console.log(lists.flat().join("\n") || `${name} has no addresses`);
await connection.close();
