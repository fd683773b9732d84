/** The client `modbus-serial`. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { load, run } from "./package.ts";

const Client = load("modbus-serial");

await run({
  /** Reads 125 registers, and calls a function that the server does not have. */
  async work({ port }: { readonly port: number }) {
    const client = new Client();
    await client.connectTCP("127.0.0.1", { port });
    client.setID(17);
    const { buffer } = await client.readHoldingRegisters(0, 125);
    tell([...buffer]);
    await assert.rejects(client.writeCoil(1, true), { modbusCode: 1 });
    client.close();
  },
});
