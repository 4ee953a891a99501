// Unpacks the index of an encoding: code points by pointer. Lazy.

import { ArrayPrototypePush } from '../../primordials.ts';
import { unpack, unzigzag } from '../unpack.ts';

/** 0 stands for a hole. */
export const unpackCodes = (text: string): number[] => {
  const codes: number[] = [];
  const read = unpack(text);
  let next = 0;
  for (let number = read(); number !== undefined; number = read()) {
    if (number > 1) {
      next += unzigzag(number - 2);
      ArrayPrototypePush(codes, next++);
      continue;
    }
    for (let count = read()!; count > 0; count--) ArrayPrototypePush(codes, number === 0 ? next++ : 0);
  }
  return codes;
};
