// What must be put away before a snapshot is taken: lazy modules that have come to life leave a function here.
import { ArrayPrototypePush } from './primordials.ts';

const acts: (() => void)[] = [];

export function beforeSnapshot(act: () => void): void {
  ArrayPrototypePush(acts, act);
}

export function putAway(): void {
  for (let i = 0; i < acts.length; i++) acts[i]!();
}
