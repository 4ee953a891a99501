// `tine serve`: a supervisor, the example programs if asked for, a few lines for whoever started it, and signals.
import { join } from 'node:path';
import type { Settings } from './config/settings.ts';
import { deployFolder } from './examples.ts';
import { stopOnSignals } from './signals.ts';
import { Supervisor } from './supervisor.ts';

export interface ServeOptions {
  /** Folder whose programs are deployed at start. */
  examples?: string;
}

/** Resolves when the server runs; the process ends by a signal. @throws when it cannot be started */
export async function serve(settings: Settings, { examples }: ServeOptions): Promise<void> {
  const supervisor = await Supervisor.start(settings, { errors: 'plain' });
  stopOnSignals(supervisor);
  const { logger } = supervisor;
  logger.info(
    { dataUrl: supervisor.dataUrl, controlUrl: supervisor.controlUrl, token: tokenPlace(settings) },
    'tine serves',
  );
  if (examples === undefined) return;
  let deployed: Awaited<ReturnType<typeof deployFolder>>;
  try {
    deployed = await deployFolder(examples, supervisor.programs, settings.ceilings);
  } catch (error) {
    await supervisor.stop('now'); // or its children would keep a process that has already failed
    throw error;
  }
  process.stdout.write(
    greeting(
      supervisor,
      deployed.map(({ name }) => name),
    ),
  );
}

function tokenPlace({ token, dataDir }: Settings): string {
  return token === undefined ? join(dataDir, 'token') : 'TINE_TOKEN';
}

function greeting(supervisor: Supervisor, names: readonly string[]): string {
  const lines = names.map((name) => `  ${name.padEnd(18)} curl ${supervisor.urlOf(name)}`);
  const { port } = new URL(supervisor.dataUrl);
  return `
tine serves ${names.length} example programs at ${supervisor.dataUrl}

${lines.join('\n')}

Control API  ${supervisor.controlUrl}
Token        ${tokenPlace(supervisor.settings)}
Deploy       npx tine deploy <file> --name <name>, then http://<name>.localhost:${port}/

`;
}
