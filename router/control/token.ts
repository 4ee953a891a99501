// The bearer token of the control API: compared as hashes in constant time, with a limit on wrong guesses per address.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { TineError } from '#sandbox';

/** Wrong guesses of one address … */
const GUESSES_MAX = 20;
/** … within this time. */
const WINDOW_SECONDS = 10;

export class TokenGate {
  readonly #hash: Buffer;
  readonly #guesses = new RateLimiterMemory({ points: GUESSES_MAX, duration: WINDOW_SECONDS });

  constructor(token: string) {
    this.#hash = hashOf(token);
  }

  /** @throws TineError `unauthorized`; `rate_limited` after too many wrong guesses */
  async check({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): Promise<void> {
    const [scheme, token] = (headers.authorization ?? '').split(' ', 2);
    const isRight =
      scheme?.toLowerCase() === 'bearer' && token !== undefined && timingSafeEqual(hashOf(token), this.#hash);
    const address = socket.remoteAddress ?? '';
    if (isRight) {
      // The right token is never refused: a neighbour behind the same address could lock the owner out.
      return;
    }
    await this.#guesses.consume(address).catch(() => {
      throw new TineError('rate_limited');
    });
    throw new TineError('unauthorized');
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
