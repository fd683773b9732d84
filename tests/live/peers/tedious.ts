/** The driver `tedious` of Microsoft SQL Server. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run, type Untyped } from "./package.ts";

const { Connection, Request, TYPES } = load("tedious");

/** Runs a request, and returns the rows' values. */
function rowsOf(start: (request: Untyped) => void, sql: string, parameter?: Buffer) {
  return new Promise<Untyped[][]>((resolve, reject) => {
    const rows: Untyped[][] = [];
    const request = new Request(sql, (error: unknown) => error ? reject(error) : resolve(rows));
    if (parameter) request.addParameter("data", TYPES.VarBinary, parameter);
    const values = (columns: Untyped[]) => columns.map(({ value }) => value);
    request.on("row", (columns: Untyped[]) => rows.push(values(columns)));
    start(request);
  });
}

interface Work {
  readonly port: number;
  readonly encrypt: false | "strict";
  readonly ca: string;
}

await run({
  /** Logs in, runs a batch of SQL, resets the connection, and runs a procedure. */
  async work({ port, encrypt, ca }: Work) {
    const connection = new Connection({
      server: "127.0.0.1",
      authentication: { type: "default", options: { userName: "sa", password: "secret" } },
      options: { port, encrypt, cryptoCredentialsDetails: { ca }, packetSize: 4096 },
    });
    connection.connect();
    const [error] = await once(connection, "connect");
    assert.equal(error, undefined);
    const sql = `select '${"x".repeat(2 ** 20)}'`;
    const rows = await rowsOf((request) => connection.execSqlBatch(request), sql);
    tell(rows.length);
    assert.deepEqual(rows[9_999], [9_999, "row 9999"]);
    await new Promise((resolve) => connection.reset(resolve));
    const data = Buffer.from(numbered(4 * 2 ** 20));
    const back = await rowsOf((request) => connection.execSql(request), "select @data", data);
    assert.equal(Buffer.compare(back[0]![0], data), 0);
    tell(back[0]![0].length);
    connection.close();
  },
});
