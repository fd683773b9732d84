/** The servers of `examples/`, with clients of other authors. `tests/live/` runs them with real servers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runsOn } from "../support/child.ts";
import { ended, portOf, startExample } from "../support/example_programs.ts";
import { bounded } from "../support/limits.ts";
import type { Program } from "../support/programs.ts";
import { pythonClient, pythonListener, pythonProcess } from "../support/python.ts";

/** Interrupts a server, and returns its exit code and the rest of its output. */
function interrupted(server: Program): Promise<[code: number | null, output: string]> {
  server.interrupt();
  return ended(server);
}

test("examples/syslog_receiver.ts prints messages until it is interrupted", bounded, async () => {
  const receiver = startExample("syslog_receiver.ts", [0]);
  const port = await portOf(receiver);
  const sender = await pythonProcess(`
    import logging.handlers
    print(0, flush=True)
    handler = logging.handlers.SysLogHandler(
        ("127.0.0.1", ${port}), logging.handlers.SysLogHandler.LOG_LOCAL1, socket.SOCK_STREAM)
    handler.append_nul = False
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s\\n"))
    log = logging.getLogger("test")
    log.addHandler(handler)
    log.error("5 €")
    handler.socket.sendall(b"no priority\\n8 <15>a\\nb\\n")
    log.warning("last")
    wait()
    done(True)
  `);
  assert.equal(await receiver.line(), "127.0.0.1 facility 17, err: test: 5 €");
  assert.equal(await receiver.line(), "127.0.0.1 facility 1, debug: a");
  assert.equal(await receiver.line(), "b");
  assert.equal(await receiver.line(), "127.0.0.1 facility 17, warning: test: last");
  await receiver.told(/^ignored: .* has no priority/m);
  assert.deepEqual(await interrupted(receiver), [0, ""]);
  sender.go();
  await sender.result;
});

test(
  "examples/tcp_proxy.ts prints lines, and passes on each end of the stream",
  bounded,
  async () => {
    const server = await pythonListener(`
    conn = accept()
    conn.sendall(b"220 re")
    pieces(conn, b"ady\\r\\n")
    received = to_end(conn)
    conn.sendall(b"250 ok\\nno end")
    conn.close()
    done(received.decode("latin-1"))
  `);
    const proxy = startExample("tcp_proxy.ts", [0, "127.0.0.1", server.port]);
    const client = await pythonClient(
      await portOf(proxy),
      `
    greeting = exactly(conn, 11)
    pieces(conn, b"EH", b"LO me\\r\\nx\\xff\\n")
    conn.shutdown(socket.SHUT_WR)
    done([greeting.decode(), to_end(conn).decode()])
  `,
    );
    assert.equal(await server.result, "EHLO me\r\nx\xff\n");
    assert.deepEqual(await client.result, ["220 ready\r\n", "250 ok\nno end"]);
    assert.equal(await proxy.line(), "< 220 ready");
    assert.equal(await proxy.line(), "> EHLO me");
    assert.match(await proxy.line(), /^Cannot decode frame of 2 bytes: /);
    assert.equal(await proxy.line(), "< 250 ok");
    assert.equal(await proxy.line(), "< no end");
    assert.equal(await proxy.line(), "= end: local");
    assert.deepEqual(await interrupted(proxy), [0, ""]);
  },
);

test("examples/tcp_proxy.ts prints bytes as hexadecimal numbers", bounded, async () => {
  const server = await pythonListener(`
    conn = accept()
    conn.sendall(exactly(conn, 3) + b"\\x00")
    done(True)
  `);
  const proxy = startExample("tcp_proxy.ts", [0, "127.0.0.1", server.port, "hex"]);
  const client = await pythonClient(
    await portOf(proxy),
    `
    conn.sendall(b"a\\xffb")
    done(list(to_end(conn)))
    `,
  );
  assert.deepEqual(await client.result, [0x61, 0xff, 0x62, 0]);
  const [, output] = await interrupted(proxy);
  assert.match(output, /^> 00000000 {2}61 ff 62 +\|a\.b\|$/m);
  assert.match(output, /^< 00000000 {2}61 ff 62 00 +\|a\.b\.\|$/m);
});

test("examples/tcp_proxy.ts stops the sender while the receiver pauses", bounded, async () => {
  const server = await pythonListener(`
    conn = accept()
    wait()
    data = to_end(conn)
    done([len(data), hashlib.sha1(data).hexdigest()])
  `);
  const proxy = startExample("tcp_proxy.ts", [0, "127.0.0.1", server.port]);
  const client = await pythonClient(
    await portOf(proxy),
    `
    data = memoryview((b"no line ends: " * 5000000)[:2 ** 26])
    conn.setblocking(False)
    sent = 0
    # Stopped: nothing more can be sent for a while.
    while sent < len(data) and select.select([], [conn], [], scaled(0.5))[1]:
        sent += conn.send(data[sent:sent + 65536])
    say(sent < len(data))
    conn.settimeout(scaled(20))
    conn.sendall(data[sent:])
    conn.shutdown(socket.SHUT_WR)
    to_end(conn)
    done([len(data), hashlib.sha1(data).hexdigest()])
    `,
  );
  assert.equal(await client.said(), true);
  server.go();
  assert.deepEqual(await server.result, await client.result);
  assert.match(await proxy.line(), /limit is 1048576/);
  assert.equal((await interrupted(proxy))[0], 0);
});

/** How a peer of an aborted connection sees its end: Deno 2.9 cannot reset one. */
const RESET = runsOn("deno") ? "end" : "reset";
/** Python code that sets `how` to the way in which a connection ends. */
const HOW = `
try:
    how = "end" if to_end(conn) == b"" else "bytes"
except ConnectionError:
    how = "reset"
`;

test("examples/tcp_proxy.ts passes on resets, and serves the next client", bounded, async () => {
  const server = await pythonListener(
    `conn = accept()\nconn.sendall(b"one")${HOW}say(how)\nreset(accept())\ndone(True)`,
  );
  const proxy = startExample("tcp_proxy.ts", [0, "127.0.0.1", server.port]);
  const port = await portOf(proxy);
  const first = await pythonClient(port, "exactly(conn, 3)\nreset(conn)\ndone(True)");
  assert.equal(await first.result, true);
  assert.equal(await server.said(), RESET);
  assert.equal(await endOf(port), RESET);
  assert.equal(await server.result, true);
  await proxy.told(/reset/i);
  assert.equal((await interrupted(proxy))[0], 0);
});

test("examples/tcp_proxy.ts aborts clients if it cannot connect", bounded, async () => {
  const proxy = startExample("tcp_proxy.ts", [0, "127.0.0.1", 1]);
  assert.equal(await endOf(await portOf(proxy)), RESET);
  await proxy.told(/^Cannot connect to 127\.0\.0\.1:1: /m);
  assert.equal((await interrupted(proxy))[0], 0);
});

/** Connects, and returns how the server ends the connection, which may be before it is established. */
async function endOf(port: number): Promise<unknown> {
  const client = await pythonProcess(`
    print(0, flush=True)
    try:
        conn = socket.create_connection(("127.0.0.1", ${port}), scaled(20))
        done("end" if to_end(conn) == b"" else "bytes")
    except ConnectionError:
        done("reset")
  `);
  return await client.result;
}
