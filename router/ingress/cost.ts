// What a request has cost, as headers: only for a client with the debug token, as timing is information.
import type { Finished } from '#sandbox';

/** Names and values in turn. */
export function costHeaders({ queuedMs, forkUs, cpuUs, opsMs, wallMs, slices, ops }: Finished): string[] {
  const ms = (value: number) => value.toFixed(2);
  const timing = [
    `queue;dur=${ms(queuedMs)}`,
    `fork;dur=${ms(forkUs / 1000)}`,
    `cpu;dur=${ms(cpuUs / 1000)}`,
    `ops;dur=${ms(opsMs)}`,
  ];
  const cost = `cpu=${ms(cpuUs / 1000)}ms wait=${ms(queuedMs)}ms${wallMs > 0 ? ` wall=${ms(wallMs)}ms` : ''} slices=${slices} ops=${ops}`;
  return ['server-timing', timing.join(', '), 'x-tine-cost', cost];
}
