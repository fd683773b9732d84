import { type Figure, figureOf } from "../support/report.ts";
import { Pair, type Play } from "../tcp/pair.ts";

const ROUNDS = 5;
const MILLISECONDS = 300;
/** A few thousand connections need longer for each to have its turn. */
const PATIENCE = 0.1;

let pairs = 0;

/**
 * Lets connections ping-pong between two processes that share a core, so that all the work of both is
 * in the time it takes.
 *
 * @returns Microseconds a round trip.
 */
export async function connectionsOf(play: Play, connections: number): Promise<Figure> {
  // Each has ports of its own: those of connections that have ended rest for a minute.
  const hostname = Deno.build.os === "linux" ? `127.0.9.${++pairs}` : "127.0.0.1";
  const role = { hostname, size: 64, connections, face: "for await" };
  const pair = await Pair.start({
    server: { ...role, name: "echo" },
    client: { ...role, name: "pingPong" },
    playServer: play,
    playClient: play,
    sameCore: true,
  });
  try {
    const milliseconds = MILLISECONDS + connections * PATIENCE;
    await pair.play(milliseconds);
    await pair.play(milliseconds);
    const rounds: number[] = [];
    while (rounds.length < ROUNDS) {
      const { nanoseconds, messages } = await pair.play(milliseconds);
      rounds.push(nanoseconds / messages);
    }
    return figureOf({ name: "", rounds }, 1000);
  } finally {
    await pair.end();
  }
}
