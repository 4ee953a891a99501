// `tine ls`: the programs of a server.
import { connect, type MakeCommand, remoteCommand } from '../command.ts';
import type { ConnectionFlags } from '../connection.ts';
import { printJson, printTable, showTime, showTraffic } from '../print.ts';

export const lsCommand: MakeCommand = (io) =>
  remoteCommand('ls', 'list the programs').action(async (flags: ConnectionFlags & { json?: boolean }) => {
    const programs = await connect(flags, io).listPrograms();
    if (flags.json === true) printJson(io, { items: programs });
    else if (programs.length === 0) io.out('no programs: `tine deploy <file>` makes the first');
    else {
      const rows = programs.map(({ name, traffic, createdAt, url = '' }) => [
        name,
        showTraffic(traffic),
        showTime(createdAt),
        url,
      ]);
      printTable(io, ['PROGRAM', 'SERVES', 'CREATED', 'URL'], rows);
    }
  });
