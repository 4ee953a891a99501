// `tine config explain`: every value of a program's configuration, with where it comes from.
import { command, type MakeCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { printJson, printWarning } from '../print.ts';
import { findSource, type SourceFlags } from '../program-source.ts';

type Flags = SourceFlags & { json?: boolean };

export const configCommand: MakeCommand = (io) =>
  command('config', 'look at configurations').addCommand(
    command('explain', 'print every value in force, with where it comes from')
      .argument('[path]', 'entry file, or folder with a wrangler-like.config.json')
      .option('-e, --env <environment>', 'environment of the configuration (TINE_ENV)')
      .option('-c, --config <file>', 'configuration (default: the first found walking up)')
      .option('--name <name>', 'name of the program')
      .option('--strict', 'keys that the environment does not inherit are errors')
      .option('--json', 'print JSON')
      .action((path: string | undefined, flags: Flags) => explain(path, flags, io)),
  );

async function explain(path: string | undefined, flags: Flags, io: Io): Promise<void> {
  const { formatExplained } = await import('#router');
  const { resolved } = await findSource(path, flags, io);
  if (flags.json === true) {
    printJson(io, { items: resolved.explain, warnings: resolved.warnings });
    return;
  }
  io.out(formatExplained(resolved.explain));
  for (const warning of resolved.warnings) printWarning(io, warning);
}
