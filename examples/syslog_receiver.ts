/** Receives syslog messages over TCP, however they are framed, and prints them: `syslog_receiver.ts [PORT]`. */
import process from "node:process";
import { serve } from "@framewright/framewright";
import { syslog } from "@framewright/framewright/protocols";

const port = Number(process.argv[2] ?? 1514);
const severities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

const server = await serve({
  port,
  ...syslog(),
  closeTimeout: 1_000, // senders never close
  onInvalid: (error) => console.error(`ignored: ${error.message}`),
  onError: (error) => console.error((error as Error).message),
}, async (connection) => {
  const sender = connection.remoteAddress?.hostname;
  for await (const { facility, severity, text } of connection) {
    console.log(`${sender} facility ${facility}, ${severities[severity]}: ${text.trimEnd()}`);
  }
});
console.log(`listening on port ${server.address.port}`);
process.once("SIGINT", () => server.shutdown({ deadline: 1_000 }));
