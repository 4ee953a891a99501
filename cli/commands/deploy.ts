// `tine deploy`: bundles a program with its packages here, on the author's machine, and uploads it.

import type { Resolved } from '#router';
import type { SourceModule } from '#runtime';
import type { Deployed } from '../client.ts';
import { connect, type MakeCommand, remoteCommand } from '../command.ts';
import type { ConnectionFlags } from '../connection.ts';
import type { Io } from '../io.ts';
import { printJson, printWarning, shortVersion, showBytes } from '../print.ts';
import { findSource, type SourceFlags } from '../program-source.ts';

interface Flags extends ConnectionFlags, SourceFlags {
  promote: boolean;
  json?: boolean;
}

export const deployCommand: MakeCommand = (io) =>
  remoteCommand('deploy', 'upload a program; it serves as soon as its template has passed')
    .argument('[path]', 'entry file, or folder with a wrangler-like.config.json', undefined)
    .option('--name <name>', 'name of the program')
    .option('-e, --env <environment>', 'environment of the configuration (TINE_ENV)')
    .option('-c, --config <file>', 'configuration (default: the first found walking up)')
    .option('--strict', 'keys that the environment does not inherit are errors')
    .option('--no-promote', 'store the version, leave the traffic where it is')
    .action((path: string | undefined, flags: Flags) => deploy(path, flags, io));

async function deploy(path: string | undefined, flags: Flags, io: Io): Promise<void> {
  const { entry, folder, resolved } = await findSource(path, flags, io);
  const { bundleForUpload } = await import('#runtime');
  const bundle = await bundleForUpload(entry, { ...resolved.config.compile, resolveFrom: folder });
  const client = connect(flags, io);
  const answer = await client.deploy(resolved.config.name, uploadOf(bundle.modules, resolved), {
    promote: flags.promote ? 'now' : 'later',
  });
  const { isNew, ...deployed } = answer;
  const warnings = withoutRepeats([...resolved.warnings, ...bundle.warnings, ...deployed.warnings]);
  if (flags.json === true) {
    printJson(io, { ...deployed, warnings });
    return;
  }
  io.out(`${deployed.program} ${shortVersion(deployed.version)}${isNew ? '' : ' (the same version as before)'}`);
  io.out(
    `  ${flags.promote ? deployed.url : `not promoted; \`tine promote ${deployed.program} ${shortVersion(deployed.version)}\` does it`}`,
  );
  io.out(`  ${showTemplate(deployed.template)}`);
  for (const warning of warnings) printWarning(io, warning);
}

/** One part per module, named by its path, the entry first; and the configuration in force. */
function uploadOf(modules: readonly SourceModule[], { flat }: Resolved): FormData {
  const form = new FormData();
  const parts = modules.map(({ path, text }) => ({ path: withinFolder(path), text }));
  const main = parts[0]?.path;
  const config = JSON.stringify({ ...flat, ...(main !== undefined && { main }) });
  form.append('config', new Blob([config], { type: 'application/json' }), 'config.json');
  for (const { path, text } of parts) form.append(path, new Blob([text], { type: 'text/javascript' }), path);
  return form;
}

/** A configuration may stand in a folder below its program; the server knows one folder only. */
function withinFolder(path: string): string {
  return path.replace(/^(\.\.?\/)+/, '');
}

function showTemplate({ mode, snapshotBytes, buildMs, initMs, contextUs }: Deployed['template']): string {
  const size = mode === 'snapshot' ? `snapshot of ${showBytes(snapshotBytes)}` : 'script, no snapshot';
  return `${size}, built in ${Math.round(buildMs)} ms, top level ${initMs.toFixed(1)} ms, context ${Math.round(contextUs)} µs`;
}

/** The server reads the configuration again and warns again, with lines that are not those of the file. */
function withoutRepeats<Warning extends { code: string; text: string; key?: string | undefined }>(
  warnings: readonly Warning[],
): Warning[] {
  const told = new Set<string>();
  return warnings.filter((warning) => {
    const id = `${warning.code} ${warning.key ?? warning.text}`;
    return !told.has(id) && told.add(id);
  });
}
