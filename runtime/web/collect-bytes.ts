// The bytes of an outbox: gathered with it, handed over when the host asks. Lazy.
import {
  ArrayPrototypePush,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  Uint8Array,
} from './primordials.ts';
import type { Leavings } from './run.ts';

let bytes: readonly (Uint8Array | undefined)[] = [];
let bytesTotal = 0;

/** @returns how many there are */
export const gatherBytes = (left: Leavings): number => {
  const parts: (Uint8Array | undefined)[] = [left.answerBytes];
  bytesTotal = 0;
  for (let i = 0; i < left.opBytes.length; i++) ArrayPrototypePush(parts, left.opBytes[i]);
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] !== undefined) bytesTotal += TypedArrayPrototypeGetByteLength(parts[i]);
  }
  bytes = parts;
  return bytesTotal;
};

/** `CALL.bytes`: those of the outbox that was collected last. Given once. */
export const takeBytes = (): ArrayBuffer | undefined => {
  const parts = bytes;
  bytes = [];
  if (bytesTotal === 0) return undefined;
  const whole = new Uint8Array(bytesTotal);
  bytesTotal = 0;
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === undefined) continue;
    TypedArrayPrototypeSet(whole, part, at);
    at += TypedArrayPrototypeGetByteLength(part);
  }
  return whole.buffer;
};

/** What was gathered is not handed over. */
export const dropBytes = (): void => {
  bytes = [];
  bytesTotal = 0;
};
