// From an upload to a version that serves.
import type { ProgramRecord, Store, Traffic } from '#store';
import { TineError } from './errors.ts';
import { type Upload, versionOf } from './template/key.ts';
import type { TemplateHead } from './template/template.ts';
import type { Templates } from './template/templates.ts';

export interface DeployParts {
  templates: Templates;
  store: Store;
  /** Called when the version may be asked for: the ingress has to know before the client does. */
  publish(program: ProgramRecord): Promise<void>;
}

export interface DeployOptions {
  /** Traffic moves to the new version. */
  promote: 'now' | 'later';
}

export interface Deployed {
  version: string;
  /** False: the same upload was there already. */
  isNew: boolean;
  template: TemplateHead;
  program: ProgramRecord;
}

/** @throws TineError one of the 422 codes; `version_conflict` when another deploy moved the traffic meanwhile */
export async function deploy(
  upload: Upload,
  { promote }: DeployOptions,
  { templates, store, publish }: DeployParts,
): Promise<Deployed> {
  const version = versionOf(upload); // content hash: the same upload is the same version
  const before = await store.getProgram(upload.program);
  const template = await templates.build(upload); // a child that may die: compile, evaluate, snapshot, try, measure
  const isNew = await store.putVersion(recordOf(upload, version)); // durable first,
  const traffic: Traffic = { [version]: 100 };
  const program =
    promote === 'later' || isServing(before, version)
      ? await present(store, upload.program)
      : await store.setTraffic(upload.program, traffic, before?.revision ?? 0); // visible second
  await publish(program);
  return { version, isNew, template, program };
}

/** @throws TineError `version_conflict` when it was deleted since the version was stored */
async function present(store: Store, name: string): Promise<ProgramRecord> {
  const program = await store.getProgram(name);
  if (program === undefined) throw new TineError('version_conflict', `Program "${name}" was deleted meanwhile`);
  return program;
}

function isServing(program: ProgramRecord | undefined, version: string): boolean {
  return program?.traffic[version] === 100;
}

function recordOf({ program, language, modules, config }: Upload, version: string) {
  return { program, version, language, modules, config: JSON.stringify(config), createdAt: Date.now() };
}

/** The upload of a stored version, to build its template again. */
export async function uploadOf(store: Store, program: string, version: string): Promise<Upload> {
  const { language, modules, config } = await store.getVersion(program, version);
  const upload: Upload = { program, language, modules, config: JSON.parse(config) };
  if (versionOf(upload) !== version) throw new TineError('corrupt_version');
  return upload;
}
