// Which versions of a program take how much of its traffic: promote, roll back, split; and what it was before.
import type Router from '@koa/router';
import { TineError } from '#sandbox';
import type { ControlParts } from '../control/app.ts';
import { HTTP } from '../limits.ts';
import { readBody } from './read-body.ts';
import { shownProgram, shownTraffic } from './shown.ts';

const HISTORY_MAX = 1_000;

export function trafficRoutes(router: Router, parts: ControlParts): void {
  const { programs } = parts;

  router.put('/v1/programs/:name/traffic', async (ctx) => {
    const body = await readBody(ctx.req, HTTP.jsonBodyBytesMax);
    const expected = readRevision(ctx.get('if-match'));
    const program = await programs.setTraffic(ctx.params['name']!, readTraffic(body), expected);
    ctx.set('etag', `"${program.revision}"`);
    ctx.body = shownProgram(program, parts);
  });

  router.get('/v1/programs/:name/traffic/history', async (ctx) => {
    const limit = Math.min(HISTORY_MAX, Math.max(1, Number(ctx.query['limit'] ?? 100) || 100));
    const changes = await programs.history(ctx.params['name']!, limit);
    ctx.body = {
      items: changes.map(({ revision, traffic, changedAt }) => ({
        revision,
        traffic: shownTraffic(traffic),
        at: changedAt,
      })),
    };
  });
}

function readTraffic(body: Buffer): Record<string, number> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch (error) {
    throw badTraffic((error as Error).message);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw badTraffic('got something else');
  // An empty one would take the program away without deleting it.
  if (Object.keys(parsed).length === 0) throw badTraffic('got none');
  for (const [version, percent] of Object.entries(parsed)) {
    if (!/^[0-9a-f]+$/.test(version) || !Number.isInteger(percent))
      throw badTraffic(`got ${JSON.stringify({ [version]: percent })}`);
  }
  return parsed as Record<string, number>;
}

function badTraffic(got: string): TineError {
  const text = `the body must be {"<version>": percent, …} with whole percents whose sum is 100: ${got}`;
  return new TineError('bad_request', text, { details: { text } });
}

function readRevision(ifMatch: string): number | undefined {
  if (ifMatch === '' || ifMatch === '*') return undefined;
  const match = /^"?(\d+)"?$/.exec(ifMatch);
  if (match === null) throw new TineError('bad_request', `If-Match must be a revision: got ${ifMatch}`);
  return Number(match[1]);
}
