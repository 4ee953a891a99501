// Programs and their versions: deploy, list, show, delete.
import type Router from '@koa/router';
import { TineError } from '#sandbox';
import { isName, NAME_FORM } from '../config/name.ts';
import type { ControlParts } from '../control/app.ts';
import { shown } from '../programs.ts';
import { shownProgram } from './shown.ts';
import { readUpload } from './upload.ts';

export function programRoutes(router: Router, parts: ControlParts): void {
  const { programs, ceilings, urlOf } = parts;

  router.put('/v1/programs/:name', async (ctx) => {
    const name = checkedName(ctx.params['name']!);
    const promote = readPromote(ctx.query['promote']);
    const { upload, warnings } = await readUpload(ctx.req, name, ceilings);
    const { version, isNew, template } = await programs.deploy(upload, promote);
    ctx.status = isNew ? 201 : 200;
    ctx.body = {
      program: name,
      version: shown(version),
      url: promote === 'now' ? urlOf(name) : urlOf(`${shown(version)}--${name}`),
      template: { id: shown(version), mode: template.mode, ...template.figures },
      warnings: [...warnings, ...template.warnings],
    };
  });

  router.get('/v1/programs', async (ctx) => {
    ctx.body = { items: (await programs.list()).map((program) => shownProgram(program, parts)) };
  });

  router.get('/v1/programs/:name', async (ctx) => {
    const program = await programs.get(ctx.params['name']!);
    ctx.set('etag', `"${program.revision}"`);
    ctx.body = shownProgram(program, parts);
  });

  router.get('/v1/programs/:name/versions', async (ctx) => {
    const name = ctx.params['name']!;
    const [{ traffic }, versions] = await Promise.all([programs.get(name), programs.versions(name)]);
    ctx.body = {
      items: versions.map(({ version, createdAt, sourceBytes, language }) => ({
        version: shown(version),
        createdAt,
        percent: traffic[version] ?? 0,
        sourceBytes,
        language,
        url: urlOf(`${shown(version)}--${name}`),
      })),
    };
  });

  router.delete('/v1/programs/:name', async (ctx) => {
    await programs.delete(ctx.params['name']!);
    ctx.status = 204;
  });
}

function checkedName(name: string): string {
  if (isName(name)) return name;
  const text = `the name of a program must fit ${NAME_FORM}: got ${JSON.stringify(name.slice(0, 100))}`;
  throw new TineError('invalid_name', text, { details: { text } });
}

function readPromote(value: unknown): 'now' | 'later' {
  if (value === undefined || value === 'true') return 'now';
  if (value === 'false') return 'later';
  throw new TineError('bad_request', `promote must be true or false: got ${String(value)}`);
}
