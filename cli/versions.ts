// Which version is meant: by the first digits of its hash, or as the one before.
import type { ControlClient, Traffic, TrafficChange, Version } from './client.ts';
import { CliError } from './failure.ts';

/** @param digits at least four of the first digits
 * @returns the whole version. @throws CliError when none or several begin so */
export async function findVersion(client: ControlClient, program: string, digits: string): Promise<string> {
  const wanted = digits.toLowerCase();
  if (!/^[0-9a-f]{4,64}$/.test(wanted))
    throw new CliError(`A version must be 4 to 64 hex digits; got ${JSON.stringify(digits)}`);
  const fitting = (await client.listVersions(program)).filter(({ version }) => version.startsWith(wanted));
  if (fitting.length === 1) return fitting[0]!.version;
  if (fitting.length === 0)
    throw new CliError(`"${program}" has no version ${digits}: \`tine versions ${program}\` lists them`);
  throw new CliError(`"${program}" has ${fitting.length} versions that begin with ${digits}: give more digits`);
}

/** Where a roll-back goes: the traffic before the present one, else the version uploaded before it; undefined when
 * there is neither. Going back drops what came later, so that rolling back twice goes back twice. */
export function trafficBefore(
  now: Traffic,
  history: readonly TrafficChange[],
  versions: readonly Version[],
): Traffic | undefined {
  const kept = new Set(versions.map(({ version }) => version));
  const states: Traffic[] = [];
  for (const { traffic } of history.toSorted((a, b) => a.revision - b.revision)) {
    const parts = Object.keys(traffic);
    if (parts.length === 0 || !parts.every((version) => kept.has(version))) continue;
    const known = states.findIndex((state) => isSame(state, traffic));
    if (known < 0) states.push(traffic);
    else states.length = known + 1;
  }
  const at = states.findIndex((state) => isSame(state, now));
  if (at > 0) return states[at - 1];

  const byAge = versions.toSorted((a, b) => Number(new Date(b.createdAt)) - Number(new Date(a.createdAt)));
  const newest = byAge.findIndex(({ version }) => (now[version] ?? 0) > 0);
  const older = byAge.slice(newest + 1).find(({ version }) => (now[version] ?? 0) === 0);
  return older === undefined ? undefined : { [older.version]: 100 };
}

/** Gives `percent` to one version; what is left goes to the others in their present proportion, in whole percents.
 * @throws CliError when there is no other version to take the rest */
export function shareTraffic(now: Traffic, version: string, percent: number): Traffic {
  if (percent === 100) return { [version]: 100 };
  const others = Object.entries(now).filter(([other, share]) => other !== version && share > 0);
  const sum = others.reduce((total, [, share]) => total + share, 0);
  if (sum === 0) throw new CliError(`Cannot give only ${percent} % to a version when no other version takes the rest`);
  const rest = 100 - percent;
  const exact = others.map(([other, share]) => ({ other, share: (share * rest) / sum }));
  const whole = exact.map(({ other, share }) => ({ other, share: Math.floor(share), lost: share - Math.floor(share) }));
  let missing = rest - whole.reduce((total, { share }) => total + share, 0);
  for (const part of whole.toSorted((a, b) => b.lost - a.lost)) {
    if (missing === 0) break;
    part.share += 1;
    missing -= 1;
  }
  const shares = whole.filter(({ share }) => share > 0).map(({ other, share }) => [other, share] as const);
  return percent === 0 ? Object.fromEntries(shares) : Object.fromEntries([...shares, [version, percent] as const]);
}

function isSame(a: Traffic, b: Traffic): boolean {
  const parts = Object.entries(a).filter(([, percent]) => percent > 0);
  return (
    parts.length === Object.values(b).filter((percent) => percent > 0).length &&
    parts.every(([version, percent]) => b[version] === percent)
  );
}
