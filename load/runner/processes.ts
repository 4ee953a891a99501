// What the system knows of the processes of a runner: who descends from whom, and how much memory each holds.
// Linux only, from /proc.
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

export interface Process {
  pid: number;
  parent: number;
  /** Which part of tine it is, from its command line. */
  role: 'supervisor' | 'ingress' | 'executor' | 'builder' | 'other';
  rssBytes: number;
}

/** Is there such a process, and is it no zombie? */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** All processes below `pid`, children of children included; `pid` itself is not among them. */
export async function descendants(pid: number): Promise<number[]> {
  return (await family(pid)).map((process) => process.pid).filter((other) => other !== pid);
}

/** `pid` and all below it, each with its memory. */
export async function family(pid: number): Promise<Process[]> {
  const all = (
    await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(readProcess))
  ).filter((process) => process !== undefined);
  const found = all.filter((process) => process.pid === pid);
  for (const member of found) found.push(...all.filter((process) => process.parent === member.pid));
  return found;
}

async function readProcess(pid: string): Promise<Process | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return { pid: Number(pid), parent: field('PPid'), role: roleOf(command), rssBytes: field('VmRSS') * 1024 };
  } catch {
    // It ended while we looked.
    return undefined;
  }
}

function roleOf(command: string): Process['role'] {
  // Wrappers such as prlimit carry the same path further right: they are not the process itself.
  if (!/^\S*node\0/.test(command)) return 'other';
  if (command.includes('processes/executor.mjs')) return 'executor';
  if (command.includes('processes/builder.mjs')) return 'builder';
  if (command.includes('ingress/main.ts')) return 'ingress';
  return /cli\/(?:tine\.js|main\.ts)/.test(command) ? 'supervisor' : 'other';
}
