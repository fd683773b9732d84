/**
 * A proxy on loopback that forwards all bytes in both directions, but slowly, late or in pieces.
 *
 * @module
 */

import { type PythonPeer, pythonProcess } from "./python.ts";

/**
 * How a proxy forwards bytes: one by one, late, or in pieces of 1, 2, 3, … 97, 1, … bytes, so that
 * repeated messages are cut at every place.
 */
export type Habit = "drip" | "delay" | "cut";

/** Starts a proxy to a port. It runs until it is killed. */
export function proxy(target: number, habit: Habit): Promise<PythonPeer> {
  return pythonProcess(`
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    print(listener.getsockname()[1], flush=True)

    def drip(data):
        for at in range(len(data)):
            yield data[at:at + 1]

    def delay(data):
        time.sleep(0.03)
        yield data

    def cut(data):
        at, size = 0, 1
        while at < len(data):
            yield data[at:at + size]
            at += size
            size = size % 97 + 1
            time.sleep(0.0002)

    def pump(source, sink):
        sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while data := source.recv(65536):
                for piece in ${habit}(data):
                    sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            reset(source)
            reset(sink)

    while True:
        conn, _ = listener.accept()
        there = socket.create_connection(("127.0.0.1", ${target}), scaled(20))
        threading.Thread(target=pump, args=(conn, there), daemon=True).start()
        threading.Thread(target=pump, args=(there, conn), daemon=True).start()
  `);
}
