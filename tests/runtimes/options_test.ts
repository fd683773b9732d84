import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, Connection, lines, listen, serve, text } from "../../mod.ts";
import { authority, good, otherHost } from "../support/certificates.ts";
import { textLines } from "../support/connections.ts";
import { bounded, resolves } from "../support/limits.ts";
import { pipe } from "../support/transports.ts";

/** The functions that take options, called with valid ones and those under test. */
const calls: Readonly<Record<string, (options: object) => Promise<unknown>>> = {
  connect: (options) => connect({ port: 9, ...textLines, ...options }),
  listen: (options) => listen({ ...textLines, ...options }),
  serve: (options) => serve({ ...textLines, ...options }, () => {}),
  // deno-lint-ignore require-await
  Connection: async (options) => new Connection(pipe()[0], { ...textLines, ...options }),
};

const sockets = ["connect", "listen", "serve"];

/** Returns the error that all these functions report before they do anything. */
async function faultOf(options: object, names = Object.keys(calls)): Promise<string> {
  const faults = await Promise.all(names.map(async (name) => {
    const error = await calls[name]!(options).then(() => undefined, (error) => error);
    assert.ok(error instanceof TypeError || error instanceof RangeError, `${name}() ${error}`);
    return `${error}`;
  }));
  assert.equal(new Set(faults).size, 1, faults.join());
  return faults[0]!;
}

test(
  "connect(), listen(), serve() and Connection reject options named as in other libraries",
  bounded,
  async () => {
    const fault = (name: string) => `TypeError: Invalid option ${name}: use`;
    assert.equal(await faultOf({ host: "example.com" }), `${fault("host")} hostname`);
    assert.equal(await faultOf({ servername: "a" }), `${fault("servername")} tls.serverName`);
    assert.equal(await faultOf({ ALPNProtocols: ["a"] }), `${fault("ALPNProtocols")} tls.alpn`);
    assert.equal(
      await faultOf({ timeout: 5 }),
      `${fault("timeout")} connectTimeout or idleTimeout`,
    );
    assert.equal(
      await faultOf({ rejectUnauthorized: true }),
      `${fault("rejectUnauthorized")} tls.rejectUnauthorized`,
    );
    assert.equal(
      await faultOf({ tls: { ...good, servername: "a" } }, sockets),
      "TypeError: Invalid TLS option servername: use serverName",
    );
  },
);

test("connect() with host instead of hostname does not connect", bounded, async () => {
  const listener = await listen(textLines);
  const { port } = listener.address;
  const accepted = listener.accept();
  await assert.rejects(connect({ host: "example.com", port, ...textLines } as never), TypeError);
  assert.equal(await resolves(accepted, 50), false);
  listener.close();
  assert.equal(await accepted, undefined);
});

test(
  "connect(), listen(), serve() and Connection reject limits that are not positive numbers",
  bounded,
  async () => {
    for (const name of ["idleTimeout", "frameTimeout", "sendTimeout", "closeTimeout"]) {
      const expected = "expected a positive number of milliseconds or Infinity";
      assert.equal(await faultOf({ [name]: -1 }), `RangeError: Invalid ${name} -1: ${expected}`);
      assert.equal(await faultOf({ [name]: "5" }), `TypeError: Invalid ${name} "5": ${expected}`);
    }
    const expected = "expected a positive number or Infinity";
    assert.equal(
      await faultOf({ highWaterMark: 0 }),
      `RangeError: Invalid highWaterMark 0: ${expected}`,
    );
    const listeners = ["listen", "serve"];
    assert.equal(
      await faultOf({ maxHandshakes: NaN }, listeners),
      `RangeError: Invalid maxHandshakes NaN: ${expected}`,
    );
    assert.match(
      await faultOf({ handshakeTimeout: 0 }, listeners),
      /^RangeError: Invalid handshakeTimeout 0: /,
    );
    assert.match(
      await faultOf({ connectTimeout: -1 }, ["connect"]),
      /^RangeError: Invalid connectTimeout -1: /,
    );
  },
);

test(
  "connect(), listen(), serve() and Connection reject callbacks that are not functions",
  bounded,
  async () => {
    assert.equal(
      await faultOf({ onInvalid: "throw" }),
      'TypeError: Invalid onInvalid "throw": expected a function',
    );
    assert.equal(
      await faultOf({ tap: () => {} }),
      "TypeError: Invalid tap (a function): expected an object",
    );
    assert.equal(await faultOf({ tap: null }), "TypeError: Invalid tap (null): expected an object");
    assert.equal(
      await faultOf({ onHandshakeError: {} }, ["listen", "serve"]),
      "TypeError: Invalid onHandshakeError (an Object): expected a function",
    );
  },
);

test(
  "connect(), listen() and serve() reject socket options of the wrong type",
  bounded,
  async () => {
    assert.equal(
      await faultOf({ noDelay: "no" }, sockets),
      'TypeError: Invalid noDelay "no": expected a boolean',
    );
    assert.equal(
      await faultOf({ keepAlive: 1 }, sockets),
      "TypeError: Invalid keepAlive 1: expected a boolean",
    );
    assert.match(
      await faultOf({ port: "80" }, ["connect"]),
      /^TypeError: Invalid port "80": expected an integer/,
    );
    assert.match(
      await faultOf({ port: 70_000 }, ["connect"]),
      /^RangeError: Invalid port 70000: expected/,
    );
    assert.match(
      await faultOf({ path: 5 }, sockets),
      /^TypeError: Invalid path 5: expected a string$/,
    );
    assert.match(
      await faultOf({ port: 5, path: "/tmp/x" }, ["connect"]),
      /a path or a port, not both$/,
    );
    const signal = "TypeError: Invalid signal (an AbortController): expected an AbortSignal";
    assert.equal(await faultOf({ signal: new AbortController() }, sockets), signal);
    for (const tls of [null, "yes", 1]) {
      assert.match(
        await faultOf({ tls }, sockets),
        /^TypeError: Invalid tls .*: expected an object$/,
      );
    }
  },
);

test(
  "connect(), listen() and serve() report an invalid hostname with the same message",
  bounded,
  async () => {
    const expected = "expected a host name or an IP address";
    assert.equal(
      await faultOf({ hostname: "http://localhost" }, sockets),
      `TypeError: Invalid hostname "http://localhost": ${expected}, use "localhost"`,
    );
    assert.equal(
      await faultOf({ hostname: "localhost:80" }, sockets),
      `TypeError: Invalid hostname "localhost:80": ${expected}, use "localhost" and port 80`,
    );
    for (const hostname of ["", "local host", "localhost/", "a..b", 5, null]) {
      assert.match(
        await faultOf({ hostname }, sockets),
        /^TypeError: Invalid hostname .*: expected a host/,
      );
    }
  },
);

test(
  "connect() and listen() accept the hostname of a URL with its brackets",
  bounded,
  async () => {
    const listener = await listen({ hostname: "[::1]", ...textLines }).catch(() => undefined);
    // IPv6 is not available.
    if (listener === undefined) return;
    const { port } = listener.address;
    const { hostname } = new URL(`tcp://[::1]:${port}`);
    const client = await connect({ hostname, port, ...textLines });
    const server = await listener.accept();
    listener.close();
    await Promise.all([client.close(), server!.close()]);
  },
);

test(
  "connect(), listen() and serve() reject unusable keys and certificates",
  bounded,
  async () => {
    const { key, cert } = good;
    const tls = async (options: object) =>
      (await Promise.all(sockets.map(async (name) => {
        const fault = await faultOf({ tls: options }, [name]);
        return fault.replace(/^TypeError: Cannot (connect to|listen on) 127.0.0.1:\d: /, "");
      }))).join("; ");
    const all = (fault: string) => sockets.map(() => fault).join("; ");
    assert.equal(
      await tls({ key: otherHost.key, cert }),
      all("TLS option key does not match the certificate"),
    );
    assert.equal(await tls({ key }), all("TLS needs a key and its certificate"));
    assert.match(await tls({ key: "server.key", cert }), /^invalid TLS option key: /);
    assert.match(await tls({ key, cert, ca: "ca.pem" }), /^invalid TLS option ca: /);
    assert.match(await tls({ key, cert, serverName: "" }), /^TypeError: Invalid serverName "": /);
  },
);

test(
  "connect() trusts an authority despite a byte order mark and other PEM blocks",
  bounded,
  async () => {
    const { key, cert } = good;
    const mark = "\ufeff";
    const listener = await listen({
      tls: { key: mark + key + cert, cert: mark + key + cert },
      ...textLines,
    });
    for (const ca of [mark + authority.cert, `# trusted\n${key}${authority.cert}`]) {
      const [client, server] = await Promise.all([
        connect({ ...listener.address, tls: { ca, serverName: "localhost" }, ...textLines }),
        listener.accept(),
      ]);
      await Promise.all([client.close(), server!.close()]);
    }
    listener.close();
  },
);

test(
  "Connection.startTls() rejects a key that does not match, and leaves the connection usable",
  bounded,
  async () => {
    const listener = await listen(textLines);
    const [client, server] = await Promise.all([
      connect({ ...listener.address, ...textLines }),
      listener.accept(),
    ]);
    listener.close();
    await assert.rejects(server!.startTls({ key: otherHost.key, cert: good.cert }), {
      name: "TypeError",
      message: "Cannot start TLS: TLS option key does not match the certificate",
    });
    await assert.rejects(client.startTls({ servername: "localhost" } as never), TypeError);
    await client.send("plain");
    assert.equal(await server!.receive(), "plain");
    // Deno and Bun do not read past a byte order mark.
    const trusting = { ca: `\ufeff${authority.cert}` };
    await Promise.all([client.startTls(trusting), server!.startTls(good)]);
    await Promise.all([client.close(), server!.close()]);
  },
);

test(
  "serve() rejects a handler that is not a function, and listen() rejects maxConnections",
  bounded,
  async () => {
    for (const [handler, shown] of [[undefined, "(undefined)"], [{}, "(an Object)"]]) {
      await assert.rejects(serve(textLines, handler as never), {
        name: "TypeError",
        message: `Invalid handler ${shown}: expected a function`,
      });
    }
    assert.equal(
      await faultOf({ onError: "log" }, ["serve"]),
      'TypeError: Invalid onError "log": expected a function',
    );
    assert.equal(
      await faultOf({ maxConnections: 0 }, ["serve"]),
      "RangeError: Invalid maxConnections 0: expected a positive number or Infinity",
    );
    assert.equal(
      await faultOf({ maxConnections: 5 }, ["listen"]),
      "TypeError: Invalid option maxConnections: use serve",
    );
  },
);

test(
  "connect(), listen(), serve() and Connection reject an invalid framer, codec or maxFrameLength",
  bounded,
  async () => {
    const framer = (type: string) =>
      `TypeError: Invalid framer of type ${type}: expected an object with measure and write`;
    assert.equal(await faultOf({ framer: undefined }), framer("undefined"));
    assert.equal(await faultOf({ framer: lines }), framer("function"));
    assert.equal(
      await faultOf({ codec: text }),
      "TypeError: Invalid codec of type function: expected an object with decode and encode",
    );
    assert.equal(
      await faultOf({ maxFrameLength: -1 }),
      "RangeError: Invalid maxFrameLength -1: expected a non-negative integer or Infinity",
    );
  },
);

test("listen() and serve() over TLS require a key and a certificate", bounded, async () => {
  const fault = "TypeError: Cannot listen on 127.0.0.1:0: TLS needs a key and its certificate";
  assert.equal(await faultOf({ tls: {} }, ["listen", "serve"]), fault);
});
