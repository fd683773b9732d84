/**
 * What is measured, and who takes part: one side or both by hand, by this library, or in C.
 *
 * @module
 */

import type { Play } from "./pair.ts";
import type { Role } from "./role.ts";

/** The programs of one runtime, and the one in C if there is one. */
export interface Programs {
  readonly raw: Play;
  readonly framed: Play;
  readonly peer: Play | undefined;
}

/** Somebody who takes part: the first one of a case is what the others are held against. */
export interface Entry {
  readonly name: string;
  readonly server: { readonly play: Play; readonly face?: string };
  readonly client: { readonly play: Play; readonly face?: string };
}

/** One thing that is measured. */
export interface Case {
  readonly title: string;
  readonly server: Role["name"];
  readonly client: Role["name"];
  readonly size: number;
  readonly connections: number;
  readonly sameCore: boolean;
  /** How the figure is told. */
  readonly unit: "round trips/s" | "MB/s" | "M messages/s" | "messages/s";
  readonly entries: (programs: Programs) => readonly Entry[];
}

const MANY = 1000;
const VERY_MANY = 10_000;

/** All cases, by name. */
export const cases: Readonly<Record<string, Case>> = {
  pingPong: {
    title: "ping-pong of 64 B, both on one core",
    server: "echo",
    client: "pingPong",
    size: 64,
    connections: 1,
    sameCore: true,
    unit: "round trips/s",
    entries: bothWays,
  },
  bulk: {
    title: "64 KiB frames one way",
    server: "sink",
    client: "flood",
    size: 65_536,
    connections: 1,
    sameCore: false,
    unit: "MB/s",
    entries: ({ raw, framed, peer }) => [
      both("raw", raw),
      both("for await <- send", framed, "for await", "awaits"),
      both("visit <- send", framed, "visit", "awaits"),
      ...inC(peer),
    ],
  },
  pipelined: {
    title: "64 B messages one way",
    server: "sink",
    client: "flood",
    size: 64,
    connections: 1,
    sameCore: false,
    unit: "M messages/s",
    entries: ({ raw, framed, peer }) => [
      both("raw", raw),
      both("visit <- send", framed, "visit", "lets go"),
      both("visit <- await send", framed, "visit", "awaits"),
      both("batches <- send", framed, "batches", "lets go"),
      both("for await <- await send", framed, "for await", "awaits"),
      ...inC(peer),
    ],
  },
  receiving: {
    title: "64 B messages from a neutral sender",
    server: "sink",
    client: "flood",
    size: 64,
    connections: 1,
    sameCore: false,
    unit: "M messages/s",
    entries: ({ raw, framed, peer = raw }) => [
      { name: "raw", server: { play: raw }, client: { play: peer } },
      ...["visit", "batches", "for await"].map((face) => ({
        name: face,
        server: { play: framed, face },
        client: { play: peer },
      })),
    ],
  },
  sending: {
    title: "64 B messages to a neutral sink",
    server: "sink",
    client: "flood",
    size: 64,
    connections: 1,
    sameCore: false,
    unit: "M messages/s",
    entries: ({ raw, framed, peer = raw }) => [
      { name: "raw", server: { play: peer }, client: { play: raw } },
      {
        name: "send",
        server: { play: peer },
        client: { play: framed, face: "lets go" },
      },
      {
        name: "await send",
        server: { play: peer },
        client: { play: framed, face: "awaits" },
      },
    ],
  },
  bothDirections: {
    title: "64 B messages in both directions at once: a flood, and its echo",
    server: "echo",
    client: "duplex",
    size: 64,
    connections: 1,
    sameCore: false,
    unit: "M messages/s",
    entries: ({ raw, framed }) => [
      both("raw", raw),
      ...["visit", "batches", "for await"].map((face) => both(face, framed, face)),
    ],
  },
  crowd: {
    title: `${MANY.toLocaleString("en-US")} connections ping-pong 64 B`,
    server: "echo",
    client: "pingPong",
    size: 64,
    connections: MANY,
    sameCore: false,
    unit: "messages/s",
    entries: bothWays,
  },
  multitude: {
    title: `${VERY_MANY.toLocaleString("en-US")} connections ping-pong 64 B`,
    server: "echo",
    client: "pingPong",
    size: 64,
    connections: VERY_MANY,
    sameCore: false,
    unit: "messages/s",
    entries: ({ raw, framed }) => [both("raw", raw), both("for await", framed, "for await")],
  },
};

function bothWays({ raw, framed, peer }: Programs): readonly Entry[] {
  return [
    both("raw", raw),
    both("for await, receive", framed, "for await"),
    both("visit", framed, "visit"),
    ...inC(peer),
  ];
}

function both(name: string, play: Play, server = "", client = server): Entry {
  return { name, server: { play, face: server }, client: { play, face: client } };
}

function inC(peer: Play | undefined): readonly Entry[] {
  return peer === undefined ? [] : [both("C, epoll", peer)];
}
