// The `tine` command: its commands as a list, and what becomes of errors. What a command does is in its own file.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { buildCommand } from './commands/build.ts';
import { configCommand } from './commands/config.ts';
import { deleteCommand } from './commands/delete.ts';
import { deployCommand } from './commands/deploy.ts';
import { lsCommand } from './commands/ls.ts';
import { promoteCommand } from './commands/promote.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { serveCommand } from './commands/serve.ts';
import { versionsCommand } from './commands/versions.ts';
import { EXIT, fail } from './failure.ts';
import { type Io, processIo } from './io.ts';

const COMMANDS = [
  serveCommand,
  deployCommand,
  lsCommand,
  versionsCommand,
  promoteCommand,
  rollbackCommand,
  deleteCommand,
  buildCommand,
  configCommand,
];

/** @returns the exit code; `serve` goes on running after it */
export async function main(args: readonly string[], io: Io = processIo()): Promise<number> {
  const program = new Command('tine').description('a self-hosted edge runner').version(ownVersion(), '-v, --version');
  for (const make of COMMANDS) program.addCommand(make(io));
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

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
