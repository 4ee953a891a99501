// Stands in for an ingress in the tests of its keeper: answers what it is asked, as the start tells it to.
interface Ask {
  id: number;
  method: string;
  argument: { program?: string; port?: number; programs?: unknown[] };
}

const answer = (id: number, value: unknown) => process.send?.({ kind: 'answer', id, value });
const told: unknown[] = [];
let starting: number | undefined;
/** `slow`: the start is answered when something is published. `dies`: it never is. */
let mode = 'good';

process.on('message', ({ id, method, argument }: Ask) => {
  switch (method) {
    case 'start':
      mode = String((argument as { mode?: string }).mode ?? 'good');
      told.push(...(argument.programs ?? []));
      if (mode === 'dies') process.exit(3);
      if (mode === 'slow') starting = id;
      else answer(id, argument.port || 4_321);
      return;
    case 'publish':
      told.push(argument);
      answer(id, undefined);
      if (starting !== undefined) answer(starting, 4_321);
      starting = undefined;
      return;
    case 'metrics':
      answer(id, JSON.stringify({ pid: process.pid, told }));
      return;
    case 'drain':
      if (mode === 'stuck') return;
      answer(id, 7);
      return;
    default:
      answer(id, undefined);
  }
});
process.on('disconnect', () => process.exit(0));
