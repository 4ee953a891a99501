// Stops on signals as a server does, with a supervisor that only says what it is told: for the tests of signals, as
// what ends is the process.
import { pino } from 'pino';
import { stopOnSignals } from './signals.ts';
import type { Supervisor } from './supervisor.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);
/** `good`, `stuck`: never stops, `fails`, `fails_before`. */
const mode = process.argv[2];

const supervisor = {
  logger: pino({ base: null }, { write: (line: string) => say(`log ${JSON.parse(line).msg}`) }),
  stop: async (how: string) => {
    say(`stop ${how}`);
    if (mode === 'stuck') await new Promise(() => {});
    if (mode === 'fails') throw new Error('own text');
    say('stopped');
  },
} as unknown as Supervisor;

if (mode === 'fails_before') stopOnSignals(supervisor, () => Promise.reject(new Error('own text')));
else if (mode === 'good') stopOnSignals(supervisor, async () => say('before'));
else stopOnSignals(supervisor);
setInterval(() => {}, 1_000_000); // a server does not end by itself
say('ready');
