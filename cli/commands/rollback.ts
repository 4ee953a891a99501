// `tine rollback`: moves the traffic of a program back, to the state before or to a version by name.
import { connect, type MakeCommand, remoteCommand } from '../command.ts';
import type { ConnectionFlags } from '../connection.ts';
import { CliError } from '../failure.ts';
import { printJson, showTraffic } from '../print.ts';
import { findVersion, trafficBefore } from '../versions.ts';

export const rollbackCommand: MakeCommand = (io) =>
  remoteCommand('rollback', 'serve what was served before')
    .argument('<program>')
    .argument('[version]', 'default: what was served before')
    .action(async (program: string, version: string | undefined, flags: ConnectionFlags & { json?: boolean }) => {
      const client = connect(flags, io);
      // Read first: who changes the traffic after this is not overwritten.
      const { traffic: from, revision } = await client.getProgram(program);
      const to =
        version === undefined
          ? trafficBefore(from, await client.trafficHistory(program), await client.listVersions(program))
          : { [await findVersion(client, program, version)]: 100 };
      if (to === undefined)
        throw new CliError(`"${program}" has no version before: \`tine versions ${program}\` lists them`);
      await client.setTraffic(program, to, revision);
      if (flags.json === true) printJson(io, { program, from, to });
      else io.out(`${program} serves ${showTraffic(to)} (before: ${showTraffic(from)})`);
    });
