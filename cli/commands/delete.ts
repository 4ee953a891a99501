// `tine delete`: a program with all its versions. Asks before it does.
import { connect, type MakeCommand, remoteCommand } from '../command.ts';
import type { ConnectionFlags } from '../connection.ts';
import { CliError } from '../failure.ts';
import { printJson } from '../print.ts';

interface Flags extends ConnectionFlags {
  yes?: boolean;
  json?: boolean;
}

export const deleteCommand: MakeCommand = (io) =>
  remoteCommand('delete', 'delete a program with all its versions')
    .argument('<program>')
    .option('-y, --yes', 'do not ask')
    .action(async (program: string, flags: Flags) => {
      const client = connect(flags, io);
      if (flags.yes !== true) {
        if (io.ask === undefined)
          throw new CliError(`Deleting "${program}" must be confirmed: there is no terminal to ask, so say --yes`);
        const { length } = await client.listVersions(program);
        const answer = await io.ask(
          `Delete "${program}" with ${length} version${length === 1 ? '' : 's'}? Type its name: `,
        );
        if (answer.trim() !== program) throw new CliError('Nothing was deleted');
      }
      await client.deleteProgram(program);
      if (flags.json === true) printJson(io, { deleted: program });
      else io.out(`${program} is deleted`);
    });
