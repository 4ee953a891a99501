// `npm run claims`: runs the tests behind each promise of the README and writes the table there: what passed, when, on
// which machine. A promise whose tests fail ends the run; nothing is written then.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CLAIMS, type Claim } from './list.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BEGIN = '<!-- claims: written by npm run claims -->';
const END = '<!-- end of claims -->';

async function check({ file, match }: Claim): Promise<string> {
  const args = ['ava', file, ...(match === undefined ? [] : ['--match', `${match}*`])];
  const { stdout } = await promisify(execFile)('npx', args, { cwd: ROOT, maxBuffer: 50_000_000 });
  const passed = /^\s*(\d+) tests? passed/m.exec(stdout)?.[1];
  if (passed === undefined) throw new Error(`${file} ran no test:\n${stdout.slice(-2_000)}`);
  return `${passed} tests`;
}

function table(rows: readonly string[]): string {
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
  const date = new Date().toISOString().slice(0, 10);
  return [
    BEGIN,
    `Written on ${date}; ${machine}.`,
    '',
    '| promise | command | passed | does not show |',
    '|---|---|---|---|',
    ...rows,
    END,
  ].join('\n');
}

const rows: string[] = [];
for (const claim of CLAIMS) {
  const passed = await check(claim);
  process.stdout.write(`${passed.padStart(10)}  ${claim.promise}\n`);
  const command = `npx ava ${claim.file}${claim.match === undefined ? '' : ` --match '${claim.match}*'`}`;
  rows.push(`| ${claim.promise} | \`${command}\` | ${passed} | ${claim.doesNotProve} |`);
}
const readme = readFileSync(README, 'utf8');
const [before] = readme.split(BEGIN);
const after = readme.slice(readme.indexOf(END) + END.length);
writeFileSync(README, `${before}${table(rows)}${after}`);
