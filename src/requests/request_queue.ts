import { Deferred } from "../async/deferred.ts";

/** A request whose reply is outstanding. An abandoned one keeps its place, so that its reply is discarded. */
export class PendingRequest<Request, Reply> {
  readonly key: unknown;
  readonly message: Request;
  readonly reply: Deferred<Reply> = new Deferred<Reply>();
  state: "unsent" | "sent" | "abandoned" | "gone" = "unsent";
  previous: PendingRequest<Request, Reply> | undefined = undefined;
  next: PendingRequest<Request, Reply> | undefined = undefined;

  constructor(key: unknown, message: Request) {
    this.key = key;
    this.message = message;
  }
}

/** The sent requests with one key, oldest first: a linked list, since thousands may be pending. */
export class RequestQueue<Request, Reply> {
  first: PendingRequest<Request, Reply> | undefined = undefined;
  #last: PendingRequest<Request, Reply> | undefined = undefined;

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
