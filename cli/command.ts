// What all commands share: their form, and the flags that say which server is meant.
import { Command } from 'commander';
import { ControlClient } from './client.ts';
import { type ConnectionFlags, findConnection } from './connection.ts';
import type { Io } from './io.ts';

/** Each file in `commands/` exports one of these. */
export type MakeCommand = (io: Io) => Command;

export function command(name: string, description: string): Command {
  return new Command(name).description(description);
}

/** A command that talks to a server. */
export function remoteCommand(name: string, description: string): Command {
  return command(name, description)
    .option('--json', 'print JSON')
    .option(
      '--control-url <url>',
      'address of the control plane (TINE_CONTROL_URL; default: of the server of the data folder)',
    )
    .option('--token <token>', 'bearer token (TINE_TOKEN; default: the file "token" in the data folder)')
    .option('--data <folder>', 'data folder (TINE_DATA; default: .tine here or above)');
}

export function connect(flags: ConnectionFlags, io: Io): ControlClient {
  return new ControlClient(findConnection(flags, io));
}
