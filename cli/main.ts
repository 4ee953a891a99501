// The `tine` command: its commands as a list, and what becomes of errors. What a command does is in its own file,
// loaded when it is called for: listing programs needs no server and no compiler.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { MakeCommand } from './command.ts';
import { EXIT, fail } from './failure.ts';
import { type Io, processIo } from './io.ts';

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  dev: async () => (await import('./commands/dev.ts')).devCommand,
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand,
  ls: async () => (await import('./commands/ls.ts')).lsCommand,
  versions: async () => (await import('./commands/versions.ts')).versionsCommand,
  promote: async () => (await import('./commands/promote.ts')).promoteCommand,
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  delete: async () => (await import('./commands/delete.ts')).deleteCommand,
  build: async () => (await import('./commands/build.ts')).buildCommand,
  config: async () => (await import('./commands/config.ts')).configCommand,
};

/** @returns the exit code; `serve` and `dev` go on running after it */
export async function main(args: readonly string[], io: Io = processIo()): Promise<number> {
  const program = new Command('tine').description('a self-hosted edge runner').version(ownVersion(), '-v, --version');
  for (const load of Object.values(wantedOf(args))) program.addCommand((await load())(io));
  for (const one of [program, ...program.commands, ...program.commands.flatMap((group) => group.commands)]) {
    one.exitOverride().configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    });
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has printed it already: help, the version, or what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode;
    return fail(error, io);
  }
}

/** The command that is named, or all of them, for help and for a guess at what was meant. */
function wantedOf([name = '']: readonly string[]): typeof COMMANDS {
  if (name === '-v' || name === '--version') return {};
  return Object.hasOwn(COMMANDS, name) ? { [name]: COMMANDS[name]! } : COMMANDS;
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
