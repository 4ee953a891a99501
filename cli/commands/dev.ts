// `tine dev`: serves programs while they are being written, with the limits and the isolation of `tine serve`.
import { type DevSource, dev, type Settings } from '#router';
import { command, type MakeCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { findSource, type SourceFlags } from '../program-source.ts';
import { addSettings, settingsOf } from '../settings-flags.ts';

type Flags = SourceFlags & Record<string, unknown>;

export const devCommand: MakeCommand = (io) => {
  const made = command('dev', 'serve programs while they are being written')
    .argument('[paths...]', 'entry files, or folders with a wrangler-like.config.json (default: this folder)')
    .option('--name <name>', 'name of the program, where it is one')
    .option('-e, --env <environment>', 'environment of the configuration (TINE_ENV)')
    .option('-c, --config <file>', 'configuration (default: the first found walking up)');
  return addSettings(made).action((paths: string[], flags: Flags) => run(paths, flags, io));
};

async function run(paths: readonly string[], flags: Flags, io: Io): Promise<void> {
  const sources = (paths.length === 0 ? [undefined] : paths).map((path) => sourceOf(path, flags, io));
  await dev(await withDevKeys(settingsOf(flags, io), sources, flags, io), sources);
}

function sourceOf(path: string | undefined, flags: SourceFlags, io: Io): DevSource {
  return { shown: path ?? '.', load: () => findSource(path, flags, io) };
}

/** `dev.ip` and `dev.port` of the first program, where neither flag nor environment says otherwise. */
async function withDevKeys(settings: Settings, [first]: readonly DevSource[], flags: Flags, io: Io): Promise<Settings> {
  const loaded = await first?.load().catch(() => undefined); // what is wrong with it is told by its first build
  const { ip, port } = loaded?.resolved.dev ?? {};
  const isGiven = (flag: string, env: string) => flags[flag] !== undefined || (io.env[env] ?? '') !== '';
  return {
    ...settings,
    ...(ip !== undefined && !isGiven('host', 'TINE_HOST') ? { host: ip } : {}),
    ...(port !== undefined && !isGiven('port', 'TINE_PORT') ? { port } : {}),
  };
}
