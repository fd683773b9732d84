import type { PendingRequest } from "./pending_request.ts";

/** The sent requests with one key, oldest first: a linked list, since thousands may be pending. */
export class RequestQueue<Request, Reply> {
  first: PendingRequest<Request, Reply> | undefined;
  #last: PendingRequest<Request, Reply> | undefined;

  add(request: PendingRequest<Request, Reply>): void {
    request.previous = this.#last;
    if (this.#last === undefined) this.first = request;
    else this.#last.next = request;
    this.#last = request;
  }

  remove({ previous, next }: PendingRequest<Request, Reply>): void {
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
  }
}
