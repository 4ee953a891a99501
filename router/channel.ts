// Questions and answers between the supervisor and a child of its own (an ingress), over Node's IPC channel. Both
// sides are tine itself and trust each other.
import { codeOf, type Details, TineError } from '#sandbox';

type Handler = (argument: never) => unknown;

/** What both `process` and a `ChildProcess` are, to a channel. */
export interface ChannelEnd {
  send?(message: unknown, callback?: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

type Message =
  | { kind: 'ask'; id: number; method: string; argument: unknown }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'refuse'; id: number; code: string; message: string; details: Details | undefined };

export class Channel {
  readonly #end: ChannelEnd;
  readonly #handlers: Record<string, Handler>;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  #open = true;

  /** @param handlers what this side answers, by method */
  constructor(end: ChannelEnd, handlers: Record<string, Handler>) {
    this.#end = end;
    this.#handlers = handlers;
    end.on('message', (message) => this.#take(message as Message));
    end.on('disconnect', () => this.#close());
  }

  /** @throws TineError what the other side threw, or `internal` when it went away */
  ask<T>(method: string, argument?: unknown): Promise<T> {
    this.#lastId += 1;
    const id = this.#lastId;
    const asked = Promise.withResolvers<unknown>();
    if (!this.#open) return Promise.reject(gone());
    this.#asked.set(id, asked);
    this.#send({ kind: 'ask', id, method, argument });
    return asked.promise as Promise<T>;
  }

  #send(message: Message): void {
    this.#end.send?.(message, (error) => {
      if (error !== null) this.#close();
    });
  }

  #take(message: Message): void {
    if (message.kind === 'ask') {
      void this.#answer(message);
      return;
    }
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.kind === 'answer') asked?.resolve(message.value);
    else
      asked?.reject(
        new TineError(
          codeOf(message),
          message.message,
          message.details === undefined ? {} : { details: message.details },
        ),
      );
  }

  async #answer({ id, method, argument }: Message & { kind: 'ask' }): Promise<void> {
    try {
      const handler = this.#handlers[method];
      if (handler === undefined) throw new Error(`no handler for ${method}`);
      const value = await handler(argument as never);
      this.#send({ kind: 'answer', id, value });
    } catch (error) {
      const { details } = error as { details?: Details };
      this.#send({ kind: 'refuse', id, code: codeOf(error), message: (error as Error).message, details });
    }
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const asked of this.#asked.values()) asked.reject(gone());
    this.#asked.clear();
  }
}

function gone(): TineError {
  return new TineError('internal', 'the other process has ended');
}
