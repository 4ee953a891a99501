// One of each object that an ordinary request needs. A shape that is alive in the snapshot need not be made anew in
// every context, at one or two microseconds each. Runs once.

import { Response } from './fetch/response.ts';
import { answerOf, requestFrom } from './fetch/wire.ts';
import type { EnterHead } from './protocol.ts';

export function rehearse(): unknown {
  const head: EnterHead = {
    kind: 'fetch',
    now: 0,
    seed: '',
    requestId: '',
    method: 'GET',
    url: 'http://localhost/',
    headers: ['host', 'localhost'],
    body: 'none',
  };
  const response = new Response('');
  return [requestFrom(head, undefined, undefined), response, answerOf(response)];
}
