// `addEventListener('fetch', event => event.respondWith(…))`, for programs written that way. Bindings are globals then,
// set when a request comes in. Lazy.

import { errorFrom } from './events/dom-exception.ts';
import { Event, trusted } from './events/event.ts';
import { fireGlobally } from './events/global-target.ts';
import { defineInterface } from './fetch/interface.ts';
import { defineValue, dropStatics } from './lazy.ts';
import { ObjectKeys, TypeError } from './primordials.ts';
import type { Run } from './run.ts';
import { waitFor } from './wait-until.ts';

export class FetchEvent extends Event {
  readonly #request: object;
  readonly #run: Run;
  #response: { given: unknown } | undefined;
  #dispatched = false;

  constructor(request: object, run: Run) {
    super('fetch', { cancelable: true });
    this.#request = request;
    this.#run = run;
  }

  get request(): object {
    return this.#request;
  }

  get requestId(): string {
    return this.#run.requestId;
  }

  respondWith(response: unknown): void {
    if (this.#dispatched) throw errorFrom('InvalidStateError', 'respondWith: call it before the listener returns');
    if (this.#response !== undefined) throw errorFrom('InvalidStateError', 'respondWith: called a second time');
    this.#response = { given: response };
    this.stopImmediatePropagation();
  }

  waitUntil(work: unknown): void {
    waitFor(this.#run, work);
  }

  passThroughOnException(): never {
    throw new TypeError('passThroughOnException is not supported: there is no origin behind a program');
  }

  static answerOf(event: FetchEvent): { given: unknown } | undefined {
    event.#dispatched = true;
    return event.#response;
  }
}

const { answerOf } = FetchEvent;
dropStatics(FetchEvent, ['answerOf']);
defineInterface(FetchEvent, 'FetchEvent');

/** Dispatches the request to the listeners. @returns what was given to `respondWith`
 * @throws TypeError when nobody called it */
export const dispatchFetch = (request: object, env: Record<string, unknown>, run: Run): unknown => {
  const names = ObjectKeys(env);
  for (let i = 0; i < names.length; i++) defineValue(globalThis, names[i]!, env[names[i]!], 'member');
  const event = trusted(new FetchEvent(request, run));
  fireGlobally(event);
  const answer = answerOf(event);
  if (answer === undefined) throw new TypeError('no listener of "fetch" called respondWith');
  return answer.given;
};
