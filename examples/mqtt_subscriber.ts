/**
 * An MQTT 3.1.1 subscriber. It prints messages and acknowledges them, until it is interrupted:
 * `mqtt_subscriber.ts [HOST [PORT [TOPIC [USER]]]]`, with a password in MQTT_PASSWORD.
 */
import process from "node:process";
import { connect } from "@framewright/framewright";
import { mqtt } from "@framewright/framewright/protocols";

const [hostname = "127.0.0.1", port = "1883", topic = "#", user] = process.argv.slice(2);
const password = process.env["MQTT_PASSWORD"];
const KEEP_ALIVE = 60; // seconds
const refusals = [
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
];

/** Returns a string of MQTT: its length, then UTF-8. */
function string(text = ""): number[] {
  const bytes = new TextEncoder().encode(text);
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

const connection = await connect({ hostname, port: Number(port), ...mqtt() });

const login = user === undefined ? [] : [...string(user), ...string(password)];
const flags = user === undefined ? 0x02 : 0xc2; // clean session; with user name and password
const header = [...string("MQTT"), 4, flags, 0, KEEP_ALIVE];
const clientId = string(); // empty: the server chooses one
await connection.send({ type: "connect", body: Uint8Array.of(...header, ...clientId, ...login) });
const reply = await connection.receive({ signal: AbortSignal.timeout(10_000) });
if (reply?.type !== "connack") throw new Error("Cannot log in: no answer");
const code = reply.body[1]!;
if (code > 0) throw new Error(`Cannot log in: ${refusals[code] ?? `code ${code}`}`);

const qos = 1;
await connection.send({ type: "subscribe", body: Uint8Array.of(0, 1, ...string(topic), qos) });
const ping = () => void connection.send({ type: "pingreq" }).catch(() => {});
const pings = setInterval(ping, KEEP_ALIVE * 500);
process.once("SIGINT", () => {
  connection.send({ type: "disconnect" });
  connection.close(); // ends the loop
});

for await (const message of connection) {
  if (message.type === "suback") {
    if (message.body[2]! > 2) throw new Error(`Cannot subscribe to ${topic}: refused`);
    console.log(`subscribed to ${topic}`);
  } else if (message.type === "publish") {
    console.log(`${message.topic}: ${new TextDecoder().decode(message.payload)}`);
    const id = Uint8Array.of(message.packetId >> 8, message.packetId & 0xff);
    if (message.qos > 0) await connection.send({ type: "puback", body: id });
  }
}
clearInterval(pings);
console.log("connection closed:", await connection.closed);
