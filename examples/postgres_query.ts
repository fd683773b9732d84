/**
 * Sends a query to PostgreSQL and prints the rows: `postgres_query.ts [SQL [HOST [PORT [USER [DATABASE]]]]]`.
 * It logs in without a password, or with PGPASSWORD in plain text; SCRAM and TLS are left out.
 */
import process from "node:process";
import { connect } from "@framewright/framewright";
import { postgres, type PostgresMessage } from "@framewright/framewright/protocols";

const [sql = "select 1", hostname = "127.0.0.1", port = "5432", ...login] = process.argv.slice(2);
const [user = "postgres", database = user] = login;
const decoder = new TextDecoder();

function message(type: string, text = ""): PostgresMessage {
  return { type, body: new TextEncoder().encode(text) };
}

function int32(body: Uint8Array, at: number): number {
  return new DataView(body.buffer, body.byteOffset).getInt32(at);
}

/** Returns the names of columns; a zero byte and 18 bytes about the type follow each. */
function columnsOf(body: Uint8Array): string[] {
  const columns: string[] = [];
  for (let at = 2; at < body.length;) {
    const end = body.indexOf(0, at);
    columns.push(decoder.decode(body.subarray(at, end)));
    at = end + 19;
  }
  return columns;
}

/** Returns the values of a row, each after its length, which is -1 for NULL. */
function valuesOf(body: Uint8Array): string[] {
  const values: string[] = [];
  for (let at = 2; at < body.length;) {
    const length = int32(body, at);
    at += 4;
    values.push(length < 0 ? "NULL" : decoder.decode(body.subarray(at, at + length)));
    at += Math.max(length, 0);
  }
  return values;
}

const connection = await connect({ hostname, port: Number(port), ...postgres() });
await connection.send({ type: "startup", version: [3, 0], parameters: { user, database } });
const requests = [message("Q", `${sql}\0`), message("X")];
for await (const { type, body } of connection) {
  const method = type === "R" ? int32(body, 0) : 0;
  if (method === 3) await connection.send(message("p", `${process.env["PGPASSWORD"] ?? ""}\0`));
  else if (method > 0) throw new Error(`Cannot log in: method ${method} is not supported`);
  else if (type === "T") console.log(columnsOf(body).join("\t"));
  else if (type === "D") console.log(valuesOf(body).join("\t"));
  else if (type === "Z") await connection.send(requests.shift()!);
  else if (type === "E") {
    const fields = decoder.decode(body).split("\0");
    console.error("error:", fields.find((field) => field[0] === "M")?.slice(1));
    process.exitCode = 1;
  }
}
await connection.close();
