// `tine versions`: the versions of a program, newest first.
import { connect, type MakeCommand, remoteCommand } from '../command.ts';
import type { ConnectionFlags } from '../connection.ts';
import { printJson, printTable, shortVersion, showBytes, showTime } from '../print.ts';

export const versionsCommand: MakeCommand = (io) =>
  remoteCommand('versions', 'list the versions of a program')
    .argument('<program>')
    .action(async (program: string, flags: ConnectionFlags & { json?: boolean }) => {
      const versions = await connect(flags, io).listVersions(program);
      if (flags.json === true) {
        printJson(io, { items: versions });
        return;
      }
      const rows = versions.map(({ version, createdAt, percent, sourceBytes, language }) => [
        shortVersion(version),
        showTime(createdAt),
        percent > 0 ? `${percent} %` : '-',
        showBytes(sourceBytes),
        language,
      ]);
      printTable(io, ['VERSION', 'CREATED', 'TRAFFIC', 'SOURCE', 'LANGUAGE'], rows);
    });
