import { Deferred } from "../async/deferred.ts";

/**
 * A request whose caller waits for its reply. An abandoned one keeps its place among the sent requests, so
 * that its late reply is discarded.
 */
export class PendingRequest<Request, Reply> {
  readonly key: unknown;
  readonly message: Request;
  readonly reply: Deferred<Reply> = new Deferred<Reply>();
  state: "unsent" | "sent" | "abandoned" | "gone" = "unsent";
  previous: PendingRequest<Request, Reply> | undefined;
  next: PendingRequest<Request, Reply> | undefined;

  constructor(key: unknown, message: Request) {
    this.key = key;
    this.message = message;
  }
}
