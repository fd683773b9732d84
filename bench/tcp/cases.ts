/**
 * What is measured over TCP, and with which programs.
 *
 * @module
 */

import type { CommandOf } from "./pair.ts";
import type { Role } from "./role.ts";

/** The programs of one runtime, and the program in C, if it could be built. */
export interface Programs {
  readonly raw: CommandOf;
  readonly framed: CommandOf;
  readonly peer: CommandOf | undefined;
}

/** A server and a client. The others are compared with the first entry of a case. */
export interface Entry {
  readonly name: string;
  readonly server: { readonly program: CommandOf; readonly api?: string };
  readonly client: { readonly program: CommandOf; readonly api?: string };
}

/** One thing that is measured. */
export interface Case {
  readonly title: string;
  readonly server: Role["name"];
  readonly client: Role["name"];
  readonly size: number;
  readonly connections: number;
  readonly sameCore: boolean;
  readonly unit: "round trips/s" | "MB/s" | "M messages/s" | "messages/s";
  readonly entries: (programs: Programs) => readonly Entry[];
}

const oneWay = {
  server: "sink",
  client: "flood",
  size: 64,
  connections: 1,
  sameCore: false,
  unit: "M messages/s",
} as const;

const roundTrips = {
  server: "echo",
  client: "pingPong",
  size: 64,
  sameCore: false,
  unit: "messages/s",
} as const;

/** All cases, by name. */
export const cases: Readonly<Record<string, Case>> = {
  pingPong: {
    title: "ping-pong of 64 B, both on one core",
    ...roundTrips,
    connections: 1,
    sameCore: true,
    unit: "round trips/s",
    entries: ({ raw, framed, peer }) => [
      both("raw", raw),
      both("for await, receive", framed, "for await"),
      both("visit", framed, "visit"),
      ...inC(peer),
    ],
  },
  bulk: {
    title: "64 KiB frames in one direction",
    ...oneWay,
    size: 65_536,
    unit: "MB/s",
    entries: ({ raw, framed, peer }) => [
      both("raw", raw),
      both("for await <- send", framed, "for await", "await send"),
      both("visit <- send", framed, "visit", "await send"),
      ...inC(peer),
    ],
  },
  pipelined: {
    title: "64 B messages in one direction",
    ...oneWay,
    entries: ({ raw, framed, peer }) => [
      both("raw", raw),
      both("visit <- send", framed, "visit", "send"),
      both("visit <- await send", framed, "visit", "await send"),
      both("batches <- send", framed, "batches", "send"),
      both("for await <- await send", framed, "for await", "await send"),
      ...inC(peer),
    ],
  },
  receiving: {
    title: "64 B messages from a neutral sender",
    ...oneWay,
    entries: ({ raw, framed, peer = raw }) => [
      { name: "raw", server: { program: raw }, client: { program: peer } },
      ...["visit", "batches", "for await"].map((api) => ({
        name: api,
        server: { program: framed, api },
        client: { program: peer },
      })),
    ],
  },
  sending: {
    title: "64 B messages to a neutral sink",
    ...oneWay,
    entries: ({ raw, framed, peer = raw }) => [
      { name: "raw", server: { program: peer }, client: { program: raw } },
      ...["send", "await send"].map((api) => ({
        name: api,
        server: { program: peer },
        client: { program: framed, api },
      })),
    ],
  },
  bothDirections: {
    title: "64 B messages in both directions at once: a flood, and its echo",
    ...oneWay,
    server: "echo",
    client: "duplex",
    entries: ({ raw, framed }) => [
      both("raw", raw),
      ...["visit", "batches", "for await"].map((api) => both(api, framed, api)),
    ],
  },
  crowd: {
    title: "1,000 connections ping-pong 64 B",
    ...roundTrips,
    connections: 1000,
    entries: ({ raw, framed }) => [
      both("raw", raw),
      both("for await, receive", framed, "for await"),
      both("visit", framed, "visit"),
    ],
  },
  multitude: {
    title: "10,000 connections ping-pong 64 B",
    ...roundTrips,
    connections: 10_000,
    entries: ({ raw, framed }) => [both("raw", raw), both("for await", framed, "for await")],
  },
};

function both(name: string, program: CommandOf, server = "", client = server): Entry {
  return { name, server: { program, api: server }, client: { program, api: client } };
}

function inC(peer: CommandOf | undefined): readonly Entry[] {
  return peer === undefined ? [] : [both("C", peer)];
}
