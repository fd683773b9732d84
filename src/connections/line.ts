import { Deferred } from "../async/deferred.ts";

/** The places of one key, the oldest first: linked, as thousands may wait for one peer. */
export class Line<Message> {
  first: Place<Message> | undefined = undefined;
  #last: Place<Message> | undefined = undefined;

  add(place: Place<Message>): Place<Message> {
    place.ahead = this.#last;
    if (this.#last === undefined) this.first = place;
    else this.#last.behind = place;
    return this.#last = place;
  }

  remove({ ahead, behind }: Place<Message>): void {
    if (ahead === undefined) this.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last = ahead;
    else behind.ahead = ahead;
  }
}

/** Where a request waits. It keeps its place when it is given up, so that its reply finds nobody else. */
export class Place<Message> {
  readonly key: unknown;
  readonly reply: Deferred<Message> = new Deferred<Message>();
  state: "waiting" | "givenUp" | "gone" = "waiting";
  ahead: Place<Message> | undefined = undefined;
  behind: Place<Message> | undefined = undefined;

  constructor(key: unknown) {
    this.key = key;
  }
}
