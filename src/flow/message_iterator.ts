/** An iterator over messages that can be iterated itself; it ends with `undefined`. */
export interface MessageIterator<Message> extends AsyncIterator<Message, undefined> {
  /** Returns the next message. */
  next(): Promise<IteratorResult<Message, undefined>>;
  /** Returns this iterator. */
  [Symbol.asyncIterator](): MessageIterator<Message>;
}
