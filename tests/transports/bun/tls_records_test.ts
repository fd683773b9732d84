import assert from "node:assert/strict";
import { test } from "node:test";
import { TlsRecords } from "../../../src/transports/bun/tls_records.ts";

const ALERT = 21;
const HANDSHAKE = 22;
const DATA = 23;

function record(type: number, length: number): number[] {
  return [type, 3, 3, length >> 8, length & 255, ...new Array<number>(length).fill(0xee)];
}

/** Returns a TLS 1.3 record that contains `length` bytes. */
function sealed(length: number): number[] {
  return record(DATA, length + 17);
}

/** Returns the records after one chunk of ciphertext, which contained `delivered` bytes of plaintext. */
function after(chunk: number[], delivered: number): TlsRecords {
  const records = new TlsRecords();
  records.push(Uint8Array.from(chunk));
  if (delivered > 0) records.delivered(delivered);
  return records;
}

test("TlsRecords recognizes an alert of TLS 1.2 by its type", () => {
  const chunk = [...record(HANDSHAKE, 40), ...record(DATA, 29), ...record(ALERT, 26)];
  assert.equal(after(chunk, 5).closeNotified("TLSv1.2"), true);
});

test("TlsRecords does not mistake TLS 1.2 data for an alert, whatever its length", () => {
  assert.equal(after(record(DATA, 19), 0).closeNotified("TLSv1.2"), false);
});

test("TlsRecords does not mistake a truncated TLS 1.3 handshake for an alert", () => {
  assert.equal(after(record(HANDSHAKE, 19), 0).closeNotified("TLSv1.3"), false);
});

test("TlsRecords recognizes an alert of TLS 1.3 by its length if it has no plaintext", () => {
  assert.equal(after(sealed(2), 0).closeNotified("TLSv1.3"), true);
  assert.equal(after([...sealed(5), ...sealed(2)], 5).closeNotified("TLSv1.3"), true);
  assert.equal(after([...sealed(2), ...sealed(2)], 2).closeNotified("TLSv1.3"), true);
});

test("TlsRecords does not mistake two bytes of TLS 1.3 plaintext for an alert", () => {
  assert.equal(after(sealed(2), 2).closeNotified("TLSv1.3"), false);
  assert.equal(after([...sealed(5), ...sealed(2)], 7).closeNotified("TLSv1.3"), false);
  assert.equal(after([...sealed(2), ...sealed(2)], 4).closeNotified("TLSv1.3"), false);
});

test("TlsRecords does not mistake a TLS 1.3 record of more than two bytes for an alert", () => {
  assert.equal(after(sealed(3), 3).closeNotified("TLSv1.3"), false);
  assert.equal(after(sealed(233), 0).closeNotified("TLSv1.3"), false);
});

test("TlsRecords expects no plaintext from a session ticket", () => {
  const ticket = sealed(233);
  assert.equal(after([...ticket, ...sealed(2)], 0).closeNotified("TLSv1.3"), true);
  assert.equal(after([...ticket, ...sealed(2)], 2).closeNotified("TLSv1.3"), false);
  assert.equal(after([...ticket, ...sealed(5), ...sealed(2)], 5).closeNotified("TLSv1.3"), true);
  assert.equal(after([...ticket, ...sealed(5), ...sealed(2)], 7).closeNotified("TLSv1.3"), false);
});

test("TlsRecords assumes an alert if the plaintext fits neither case", () => {
  const chunk = [...sealed(9), ...sealed(233), ...sealed(2)];
  assert.equal(after(chunk, 9).closeNotified("TLSv1.3"), true);
});

test("TlsRecords counts the plaintext of the last chunk only", () => {
  const records = after(sealed(100), 100);
  records.push(Uint8Array.from(sealed(2)));
  assert.equal(records.closeNotified("TLSv1.3"), true);
});

test("TlsRecords recognizes an alert however the records are cut", () => {
  const chunk = [...sealed(5), ...record(HANDSHAKE, 0), ...sealed(300), ...sealed(2)];
  for (let size = 1; size <= chunk.length; size++) {
    const records = new TlsRecords();
    for (let start = 0; start < chunk.length; start += size) {
      records.push(Uint8Array.from(chunk.slice(start, start + size)));
    }
    if (size >= chunk.length) records.delivered(305);
    assert.equal(records.closeNotified("TLSv1.3"), true, `in chunks of ${size}`);
  }
});

test("TlsRecords does not mistake an end inside a record for an alert", () => {
  const chunk = [...sealed(5), ...record(ALERT, 2)];
  for (let length = 0; length < chunk.length; length++) {
    assert.equal(after(chunk.slice(0, length), 0).closeNotified("TLSv1.2"), false);
  }
  assert.equal(after(chunk, 0).closeNotified("TLSv1.2"), true);
});
