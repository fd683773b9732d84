/**
 * Roles of a child process that runs out of file descriptors, lacks permissions, or must exit by itself:
 *
 *     deno run -A tests/support/socket_roles.ts ROLE OPTIONS
 *
 * @module
 */

import { closeSync, openSync } from "node:fs";
import { connect as netConnect } from "node:net";
import { setTimeout as timer } from "node:timers";
import {
  connect,
  Connection,
  ConnectionError,
  duplexTransport,
  listen,
  type TlsOptions,
} from "../../mod.ts";
import { task, tell } from "./child.ts";
import { textLines } from "./connections.ts";
import { scaled, sleep } from "./limits.ts";

const roles: Record<string, (options: never) => Promise<void>> = {
  /** Reports the code of each attempt. */
  async attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
    for (const attempt of attempts) tell(await codeOf(attempt));
    process.exit();
  },

  /** Reports the codes of each attempt, first without a free file descriptor, then with some. */
  async descriptors({ attempts }: { readonly attempts: readonly Attempt[] }) {
    // Opens the descriptors that the runtime opens lazily.
    for (const attempt of attempts) await codeOf(attempt);
    for (const attempt of attempts) {
      const files = openAll();
      const without = await codeOf(attempt);
      for (const file of files) closeSync(file);
      tell([without, await codeOf(attempt)]);
    }
    process.exit();
  },

  /** Accepts connections, first without a free file descriptor, then with some. */
  async accepting() {
    const listener = await listen(textLines);
    const warmUp = await connect({ ...listener.address, ...textLines });
    (await listener.accept())!.abort();
    warmUp.abort();
    const files = openAll();
    tell(listener.address);
    await inputLine();
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

  /** Aborts connections at various moments during `closeWrite`, and must then exit. */
  async abortEnding({ port, count }: { readonly port: number; readonly count: number }) {
    for (let moment = 0; moment < count; moment++) {
      const transport = (await connect({ port, ...textLines })).detach();
      void Promise.resolve(transport.closeWrite()).catch(() => {});
      for (let step = 0; step < moment; step++) await undefined;
      transport.abort();
    }
    process.stdin.destroy();
  },

  /** Receives a message over a socket of Node, and must then exit although a receive is pending. */
  async duplexUnref({ port }: { readonly port: number }) {
    const connection = new Connection(duplexTransport(netConnect(port, "127.0.0.1")), textLines);
    await connection.receive();
    void connection.receive();
    tell("received");
    connection.unref();
  },

  /** Serves with TLS and an `onHandshakeError` that throws. */
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

  /** Listens with TLS, unrefs the listener after a line of input, and must then exit. */
  async unref({ tls }: { readonly tls: TlsOptions }) {
    const listener = await listen({ ...textLines, tls, handshakeTimeout: 1_800_000 });
    void listener.accept();
    tell(listener.address);
    await inputLine();
    listener.unref();
  },
};

/** A call of `connect` or `listen`, and its options. */
interface Attempt {
  readonly to: "connect" | "listen";
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string;
}

/** Returns the code of the error of an attempt, or `"ok"`. */
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

/** Opens files until no descriptor is free. */
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

/** Waits for a line of input, and then closes the input so that the process can exit. */
async function inputLine(): Promise<void> {
  await new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdin.destroy();
}

const [role, options] = task<never>();
// Ends this process if its test has not.
timer(() => process.exit(3), scaled(40_000)).unref();
await roles[role]!(options);
