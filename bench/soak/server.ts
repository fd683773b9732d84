/** The server of the soak test: sends every message back, when it is the one that must come next. */

import process from "node:process";
import { lengthPrefixed, serve, uint32 } from "../../mod.ts";
import { readMessage } from "./payload.ts";
import { counters, note, tell, tellReport, told } from "./report.ts";

/** A client has 28,000 ports for each address, and those it had lately rest for a minute. */
const ADDRESSES = 8;

const report = counters();
const protocol = { framer: lengthPrefixed(uint32), maxFrameLength: 8192 };
const servers = await Promise.all(
  Array.from({ length: ADDRESSES }, (_, index) => {
    const hostname = `127.0.0.${index + 1}`;
    return serve({ ...protocol, hostname, onError: (error) => note(report, error) }, async (c) => {
      report.connections++;
      report.opened++;
      let sequence = 0;
      let connection: number | undefined;
      try {
        for await (const message of c) {
          const header = readMessage(message);
          connection ??= header.connection;
          if (header.connection !== connection || header.sequence !== sequence++) {
            throw new Error(`message ${header.sequence} of ${header.connection} came out of turn`);
          }
          report.messages++;
          report.bytes += message.length;
          await c.send(message);
        }
      } finally {
        report.connections--;
      }
    });
  }),
);
tell("ready", servers.map(({ address }) => address));
const timer = setInterval(() => tellReport("now", report), 1000);
await told();
clearInterval(timer);
await Promise.all(servers.map((server) => server.shutdown({ deadline: 10_000 })));
tellReport("done", report);
process.exit(0);
