// `tine serve`: starts a server. Its flags are the table of operator settings.
import { fileURLToPath } from 'node:url';
import { serve } from '#router';
import { command, type MakeCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { addSettings, settingsOf } from '../settings-flags.ts';

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

async function run({ examples, ...flags }: Flags, io: Io): Promise<void> {
  await serve(
    settingsOf(flags, io),
    examples === undefined ? {} : { examples: examples === true ? EXAMPLES : examples },
  );
}
