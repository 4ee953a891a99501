// `tine serve`: starts a server. Its flags are the table of operator settings.
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CEILING_SETTINGS, readSettings, SETTINGS, serve, unknownSettings } from '#router';
import { command, type MakeCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { printWarning } from '../print.ts';

/** Of this package. */
const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

interface Flags extends Record<string, unknown> {
  examples?: string | true;
}

export const serveCommand: MakeCommand = (io) => {
  const made = command('serve', 'start a server').option(
    '--examples [folder]',
    'deploy the programs of a folder (default: those of tine)',
  );
  return addSettings(made).action((flags: Flags) => run(flags, io));
};

function addSettings(made: Command): Command {
  for (const { flag, kind, env, help, ...setting } of [...SETTINGS, ...CEILING_SETTINGS]) {
    const value = kind.is === 'switch' ? '' : kind.is === 'choice' ? ` <${kind.of.join('|')}>` : ` <${kind.is}>`;
    const standard =
      setting.default === undefined || Array.isArray(setting.default) ? '' : `, default ${setting.default}`;
    made.option(`--${flag}${value}`, `${help} (${env}${standard})`);
  }
  return made;
}

async function run({ examples, ...flags }: Flags, io: Io): Promise<void> {
  const settings = readSettings(io.env, flags);
  for (const text of unknownSettings(io.env)) printWarning(io, { text });
  await serve(settings, examples === undefined ? {} : { examples: examples === true ? EXAMPLES : examples });
}
