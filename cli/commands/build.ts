// `tine build`: writes the one script that the server would make of a program. Runs nothing of it.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { command, type MakeCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { printJson, printWarning, showBytes } from '../print.ts';
import { findSource, type SourceFlags } from '../program-source.ts';

interface Flags extends SourceFlags {
  output?: string;
  json?: boolean;
}

export const buildCommand: MakeCommand = (io) =>
  command('build', 'write the script that the server would make of a program')
    .argument('[path]', 'entry file, or folder with a wrangler-like.config.json')
    .option('-o, --output <file>', 'where to write it, with its source map beside it (default: print the script)')
    .option('-e, --env <environment>', 'environment of the configuration (TINE_ENV)')
    .option('-c, --config <file>', 'configuration (default: the first found walking up)')
    .option('--json', 'print JSON: {bytes, output, warnings} or {code, map, warnings}')
    .action((path: string | undefined, flags: Flags) => build(path, flags, io));

async function build(path: string | undefined, flags: Flags, io: Io): Promise<void> {
  const { entry, folder, resolved } = await findSource(path, flags, io);
  const { bundleForUpload, compileFor } = await import('#runtime');
  const options = resolved.config.compile;
  const bundle = await bundleForUpload(entry, { ...options, resolveFrom: folder });
  const { code, map, warnings: late } = await compileFor('javascript')(bundle.modules, options);
  const warnings = [...resolved.warnings, ...bundle.warnings, ...late];
  const bytes = Buffer.byteLength(code);
  if (flags.output !== undefined) {
    const output = resolve(io.cwd, flags.output);
    writeFileSync(output, code);
    writeFileSync(`${output}.map`, map);
    if (flags.json === true) printJson(io, { bytes, output, warnings });
    else io.out(`${flags.output} ${showBytes(bytes)}`);
  } else if (flags.json === true) printJson(io, { code, map, warnings });
  else io.out(code);
  if (flags.json !== true) for (const warning of warnings) printWarning(io, warning);
}
