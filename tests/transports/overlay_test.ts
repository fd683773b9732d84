import assert from "node:assert/strict";
import { test } from "node:test";
import type { Transport } from "../../mod.ts";
import { overlay } from "../../src/transports/overlay.ts";

/** A transport that has all members and records its calls. */
class Inner implements Required<Transport> {
  readonly calls: string[] = [];
  written = 1;
  localAddress = { hostname: "127.0.0.1", port: 1 };
  remoteAddress = { hostname: "127.0.0.1", port: 2 };
  tls: Transport["tls"] = undefined;

  read(): Promise<Uint8Array | undefined> {
    return this.#called("read", undefined);
  }
  readInto(): Promise<number | undefined> {
    return this.#called("readInto", undefined);
  }
  write(): Promise<void> {
    return this.#called("write", undefined);
  }
  closeWrite(): Promise<void> {
    return this.#called("closeWrite", undefined);
  }
  startTls(): Promise<Transport> {
    return this.#called("startTls", this);
  }
  close(): void {
    this.calls.push("close");
  }
  abort(): void {
    this.calls.push("abort");
  }
  ref(): void {
    this.calls.push("ref");
  }
  unref(): void {
    this.calls.push("unref");
  }

  #called<Result>(name: string, result: Result): Promise<Result> {
    this.calls.push(name);
    return Promise.resolve(result);
  }
}

test("overlay() forwards every call that it does not replace", async () => {
  const inner = new Inner();
  const outer = overlay(inner, {
    read: () => Promise.resolve(Uint8Array.of(1)),
    readInto: undefined,
    startTls: undefined,
  });
  assert.deepEqual(await outer.read(), Uint8Array.of(1));
  assert.equal(outer.readInto, undefined);
  assert.equal(outer.startTls, undefined);
  await outer.write([]);
  await outer.closeWrite();
  outer.ref?.();
  outer.unref?.();
  outer.abort();
  outer.close();
  assert.deepEqual(inner.calls, ["write", "closeWrite", "ref", "unref", "abort", "close"]);
});

test("overlay() has the current properties of the transport below", () => {
  const inner = new Inner();
  const outer = overlay(inner, {
    read: () => inner.read(),
    readInto: undefined,
    startTls: undefined,
  });
  const session = {
    version: "TLSv1.3",
    cipher: undefined,
    resumed: false,
    alpn: "frame/1",
    peerCertificate: undefined,
    authorized: true,
  };
  inner.written = 70;
  inner.tls = session;
  inner.localAddress = { hostname: "::1", port: 3 };
  assert.equal(outer.written, 70);
  assert.equal(outer.tls, session);
  assert.deepEqual(outer.localAddress, { hostname: "::1", port: 3 });
  assert.equal(outer.remoteAddress, inner.remoteAddress);
});

test("overlay() keeps a getter that replaces a property", () => {
  let written = 0;
  const outer = overlay(new Inner(), {
    read: () => Promise.resolve(undefined),
    readInto: undefined,
    startTls: undefined,
    get written() {
      return ++written;
    },
  });
  assert.deepEqual([outer.written, outer.written], [1, 2]);
});
