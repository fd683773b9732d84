import type { PendingRequest } from "./pending_request.ts";
import { RequestQueue } from "./request_queue.ts";

/** The requests that have been sent and not answered, by key. Those with the same key are in order. */
export class SentRequests<Request, Reply> {
  readonly #queues: Map<unknown, RequestQueue<Request, Reply>> = new Map();
  #abandoned = 0;

  /** Whether no reply is due. */
  get empty(): boolean {
    return this.#queues.size === 0;
  }

  /** Number of abandoned requests that the peer has not answered. */
  get abandoned(): number {
    return this.#abandoned;
  }

  /** Adds a request. */
  add(request: PendingRequest<Request, Reply>): void {
    let queue = this.#queues.get(request.key);
    if (queue === undefined) this.#queues.set(request.key, queue = new RequestQueue());
    queue.add(request);
    request.state = "sent";
  }

  /** Removes and returns the request that the next message with this key answers. */
  take(key: unknown): PendingRequest<Request, Reply> | undefined {
    const request = this.#queues.get(key)?.first;
    if (request !== undefined) this.remove(request);
    return request;
  }

  /** Removes a request, unless it is gone. */
  remove(request: PendingRequest<Request, Reply>): void {
    if (request.state === "gone") return;
    const queue = this.#queues.get(request.key)!;
    queue.remove(request);
    if (queue.first === undefined) this.#queues.delete(request.key);
    if (request.state === "abandoned") this.#abandoned--;
    request.state = "gone";
  }

  /** Marks a request as abandoned, unless it is gone. It keeps its place for its late reply. */
  abandon(request: PendingRequest<Request, Reply>): void {
    if (request.state !== "sent") return;
    request.state = "abandoned";
    this.#abandoned++;
  }

  /** Removes all requests. Their replies reject. */
  reject(error: unknown): void {
    for (const queue of this.#queues.values()) {
      for (let request = queue.first; request !== undefined; request = request.next) {
        request.state = "gone";
        request.reply.reject(error);
      }
    }
    this.#queues.clear();
  }
}
