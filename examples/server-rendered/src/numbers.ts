// The rows of the table: the numbers from 1 to 400 and what can be said of each. Computed for every request, as this
// example is about work.

export type Kind = 'unit' | 'prime' | 'perfect' | 'abundant' | 'deficient';

export interface Row {
  n: number;
  /** `2^3 · 3`; empty for 1. */
  factors: string;
  divisors: number;
  kind: Kind;
  /** Steps of the Collatz sequence from n down to 1. */
  steps: number;
}

const ROWS = 400;

export function makeRows(): Row[] {
  return Array.from({ length: ROWS }, (_, at) => makeRow(at + 1));
}

function makeRow(n: number): Row {
  const powers = factorise(n);
  const divisors = powers.reduce((product, [, power]) => product * (power + 1), 1);
  const factors = powers.map(([prime, power]) => (power === 1 ? `${prime}` : `${prime}^${power}`)).join(' · ');
  return { n, factors, divisors, kind: kindOf(n, powers), steps: collatz(n) };
}

/** Prime factors with their powers, in ascending order. */
function factorise(n: number): [prime: number, power: number][] {
  const powers: [number, number][] = [];
  let rest = n;
  for (let prime = 2; prime * prime <= rest; prime += 1) {
    let power = 0;
    for (; rest % prime === 0; rest /= prime) power += 1;
    if (power > 0) powers.push([prime, power]);
  }
  if (rest > 1) powers.push([rest, 1]);
  return powers;
}

function kindOf(n: number, powers: readonly [number, number][]): Kind {
  if (n === 1) return 'unit';
  if (powers.length === 1 && powers[0]?.[1] === 1) return 'prime';
  const sum = powers.reduce((product, [prime, power]) => (product * (prime ** (power + 1) - 1)) / (prime - 1), 1) - n;
  if (sum === n) return 'perfect';
  return sum > n ? 'abundant' : 'deficient';
}

function collatz(n: number): number {
  let steps = 0;
  for (let x = n; x !== 1; steps += 1) x = x % 2 === 0 ? x / 2 : 3 * x + 1;
  return steps;
}
