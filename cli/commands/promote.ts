// `tine promote`: gives traffic to a version, all of it or a share.
import { InvalidArgumentError } from 'commander';
import { connect, type MakeCommand, remoteCommand } from '../command.ts';
import type { ConnectionFlags } from '../connection.ts';
import { printJson, showTraffic } from '../print.ts';
import { findVersion, shareTraffic } from '../versions.ts';

interface Flags extends ConnectionFlags {
  percent: number;
  json?: boolean;
}

export const promoteCommand: MakeCommand = (io) =>
  remoteCommand('promote', 'give traffic to a version')
    .argument('<program>')
    .argument('<version>', 'its first digits')
    .option('--percent <n>', 'share of the requests; the rest stays where it is', readPercent, 100)
    .action(async (program: string, digits: string, flags: Flags) => {
      const client = connect(flags, io);
      const { traffic: from, revision } = await client.getProgram(program);
      const to = shareTraffic(from, await findVersion(client, program, digits), flags.percent);
      await client.setTraffic(program, to, revision);
      if (flags.json === true) printJson(io, { program, from, to });
      else io.out(`${program} serves ${showTraffic(to)} (before: ${showTraffic(from)})`);
    });

function readPercent(text: string): number {
  const percent = Number(text);
  if (/^\d+$/.test(text) && percent <= 100) return percent;
  throw new InvalidArgumentError('It must be an integer from 0 to 100.');
}
