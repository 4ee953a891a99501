// Deploys the programs of a folder at start: each subfolder with a configuration is one program. Their packages are
// bundled from the `node_modules` at hand, as `tine deploy` does it.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleForUpload } from '#runtime';
import { findConfig } from './config/read-config.ts';
import { resolveProgramConfig } from './config/resolve.ts';
import type { Ceilings } from './config/settings.ts';
import type { Programs } from './programs.ts';

export interface DeployedExample {
  name: string;
  version: string;
  warnings: string[];
}

/** @throws when a program is not good */
export async function deployFolder(folder: string, programs: Programs, ceilings: Ceilings): Promise<DeployedExample[]> {
  const deployed: DeployedExample[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const found = findConfig(join(folder, entry.name));
    if (found === undefined || found.folder !== resolve(folder, entry.name)) continue;
    const { config, main } = resolveProgramConfig(found.text, { file: found.shown, ceilings });
    if (main === undefined) continue;
    const compile = { ...config.compile, resolveFrom: found.folder };
    const { modules } = await bundleForUpload(join(found.folder, main), compile);
    const upload = { program: config.name, language: 'javascript' as const, modules, config };
    const { version, template } = await programs.deploy(upload, 'now');
    deployed.push({ name: config.name, version, warnings: template.warnings.map(({ text }) => text) });
  }
  return deployed;
}
