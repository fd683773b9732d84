/** The client `nodemailer`. */

import { tell } from "../../support/child.ts";
import { load, run } from "./package.ts";

const { createTransport } = load("nodemailer");

await run({
  /** Authenticates, and sends mails over one connection: texts that are repeated. */
  async mail({ port, parts }: { readonly port: number; readonly parts: [string, number][] }) {
    const transport = createTransport({
      host: "127.0.0.1",
      port,
      pool: true,
      maxConnections: 1,
      ignoreTLS: true,
      auth: { user: "ada", pass: "secret" },
    });
    const envelope = { from: "a@example.com", to: ["b@example.com", "c@example.com"] };
    for (const [text, times] of parts) {
      const raw = text.repeat(times);
      const { accepted, rejected, response } = await transport.sendMail({ envelope, raw });
      tell([accepted.length, rejected.length, response]);
    }
    transport.close();
  },
});
