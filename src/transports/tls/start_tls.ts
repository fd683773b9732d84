import { onAbort } from "../../async/on_abort.ts";
import { CLOSED_IN_HANDSHAKE, connectionError, failureOf } from "../connection_error.ts";
import { startClient } from "./client.ts";
import type { Handshake, HandshakeCall } from "./node_tls.ts";
import { startServer } from "./server.ts";
import { TlsStream } from "./stream.ts";
import { TlsTransport } from "./transport.ts";
import type { Transport } from "../transport.ts";

/**
 * Starts TLS over any transport with `node:tls`, on Node and on Deno.
 *
 * @throws {ConnectionError} The handshake has failed; the transport is closed.
 */
export async function startTls(transport: Transport, handshake: Handshake): Promise<Transport> {
  const { signal, host, highWaterMark } = handshake;
  signal?.throwIfAborted();
  let ignoreAbort = () => {};
  // Node's TLS server does not abort the handshake when the peer closes.
  let onEnd = () => {};
  const stream = new TlsStream(transport, handshake, () => onEnd());
  try {
    return await new Promise<Transport>((resolve, reject) => {
      ignoreAbort = onAbort(signal, () => reject(signal!.reason));
      onEnd = () => reject(CLOSED_IN_HANDSHAKE);
      const onSecure: HandshakeCall["onSecure"] = (socket, first) => {
        stream.established = true;
        const secured = new TlsTransport(socket, { stream, transport, highWaterMark, first });
        resolve(secured);
        return secured.tls;
      };
      const { remoteAddress } = transport;
      const start = host === undefined ? startServer : startClient;
      start(stream, { handshake, remoteAddress, onSecure, onError: reject });
    });
  } catch (error) {
    // Closing may cause another error, such as a reset, which must not replace the first one.
    const reason = signal?.aborted ? error : stream.failure ?? error;
    if (!signal?.aborted) await stream.closeAfterAlert(reason);
    stream.duplex.destroy();
    transport.close();
    throw signal?.aborted ? reason : connectionError("Cannot start TLS", failureOf(reason));
  } finally {
    ignoreAbort();
  }
}
