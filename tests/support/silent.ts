import { type PythonPeer, pythonProcess } from "./python.ts";

/**
 * Starts a port on loopback that never answers: its accept queue is full, so the system drops all further
 * attempts. Runs until it is killed.
 */
export function silentPort(): Promise<PythonPeer> {
  return pythonProcess(`
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    while True:
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        waiting.append(filler)
        if not select.select([], [filler], [], scaled(0.2))[1]:
            break
    print(listener.getsockname()[1], flush=True)
    wait()
  `);
}
