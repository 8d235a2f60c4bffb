/**
 * Messages that are sent in one go of the program cross as one: a pipe's cost is by the message. What is sent
 * alone is not wrapped.
 */
export class MessageBatch {
  private messages: unknown[] = [];

  /** @param post Sends what has come together: one message, or the array of several. */
  constructor(private readonly post: (message: unknown) => void) {}

  /** Sends with whatever else is sent before the program comes to rest. */
  add(message: unknown): void {
    this.messages.push(message);
    if (this.messages.length === 1) {
      void Promise.resolve().then(() => this.flush());
    }
  }

  private flush(): void {
    const { messages } = this;
    this.messages = [];
    this.post(messages.length === 1 ? messages[0] : messages);
  }
}

/** The messages of what {@link MessageBatch} posted, in their order. */
export function messagesOf(posted: unknown): readonly unknown[] {
  return Array.isArray(posted) ? posted : [posted];
}
