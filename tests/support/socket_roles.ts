/**
 * Roles of a process that runs out of descriptors, lacks permissions, or ends by itself:
 *
 *     deno run -A tests/support/socket_roles.ts ROLE OPTIONS
 *
 * @module
 */

import { closeSync, openSync } from "node:fs";
import { setTimeout as timer } from "node:timers";
import { connect, type Connection, ConnectionError, listen, type TlsOptions } from "../../mod.ts";
import { task, tell } from "./child.ts";
import { textLines } from "./connections.ts";
import { scaled, sleep } from "./limits.ts";

const roles: Record<string, (options: never) => Promise<void>> = {
  /** Makes each attempt and reports its code. */
  async attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
    for (const attempt of attempts) tell(await codeOf(attempt));
    process.exit();
  },

  /** Makes each attempt without a free file descriptor, and then with some. */
  async descriptors({ attempts }: { readonly attempts: readonly Attempt[] }) {
    // What a runtime opens late must be open by now.
    for (const attempt of attempts) await codeOf(attempt);
    for (const attempt of attempts) {
      const files = openAll();
      const without = await codeOf(attempt);
      for (const file of files) closeSync(file);
      tell([without, await codeOf(attempt)]);
    }
    process.exit();
  },

  /** Accepts a connection without a free file descriptor, and then with some. */
  async accepting() {
    const listener = await listen(textLines);
    const warmUp = await connect({ ...listener.address, ...textLines });
    (await listener.accept())!.abort();
    warmUp.abort();
    const files = openAll();
    tell(listener.address);
    await line();
    const serve = async (connection: Connection<string> | undefined) => {
      const line = await connection!.receive();
      if (line !== undefined) await connection!.send(line);
      await connection!.close();
      return "served";
    };
    const serving = listener.accept().then(serve).catch((error) => {
      return error instanceof ConnectionError ? error.code : String(error);
    });
    const pause = sleep(500).then(() => "pending");
    tell(await Promise.race([serving, pause]));
    for (const file of files) closeSync(file);
    tell("free");
    for await (const connection of listener) await serve(connection).catch(() => {});
  },

  /** Aborts connections at various moments of their `closeWrite`, and need not run afterwards. */
  async abortEnding({ port, count }: { readonly port: number; readonly count: number }) {
    for (let moment = 0; moment < count; moment++) {
      const transport = (await connect({ port, ...textLines })).detach();
      void Promise.resolve(transport.closeWrite()).catch(() => {});
      for (let step = 0; step < moment; step++) await undefined;
      transport.abort();
    }
    process.stdin.destroy();
  },

  /** Serves with TLS, and throws for each handshake that fails. */
  async throwing({ tls }: { readonly tls: TlsOptions }) {
    process.on("uncaughtException", (error) => tell(`uncaught: ${error.message}`));
    const onHandshakeError = () => {
      throw new Error("from the callback");
    };
    const listener = await listen({ ...textLines, tls, onHandshakeError });
    tell(listener.address);
    for await (const connection of listener) {
      for await (const line of connection) await connection.send(line);
      await connection.close();
    }
  },

  /** Listens with TLS, and need not run. */
  async unref({ tls }: { readonly tls: TlsOptions }) {
    const listener = await listen({ ...textLines, tls, handshakeTimeout: 1_800_000 });
    void listener.accept();
    tell(listener.address);
    await line();
    listener.unref();
  },
};

/** Where to connect or to listen. */
interface Attempt {
  readonly to: "connect" | "listen";
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string;
}

/** The code of the error; `"ok"` if there is none. */
async function codeOf({ to, ...where }: Attempt): Promise<string> {
  try {
    const made = await (to === "connect" ? connect : listen)({ ...where, ...textLines });
    if ("abort" in made) made.abort();
    else made.close();
    return "ok";
  } catch (error) {
    return error instanceof ConnectionError ? error.code : String(error);
  }
}

/** Opens files until there is no descriptor left. */
function openAll(): number[] {
  const files: number[] = [];
  for (;;) {
    try {
      files.push(openSync("/dev/null", "r"));
    } catch {
      return files;
    }
  }
}

/** A line of the input, which then keeps the process running no longer. */
async function line(): Promise<void> {
  await new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdin.destroy();
}

const [role, options] = task<never>();
// A process that a test forgets ends by itself.
timer(() => process.exit(3), scaled(40_000)).unref();
await roles[role]!(options);
