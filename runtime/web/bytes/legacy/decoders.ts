// Every encoding of the Encoding standard but UTF-8. Lazy: labels and tables come to life with the first label that
// is not UTF-8's.

import { RangeError } from '../../primordials.ts';
import type { Decode } from '../encoding.ts';

export const encodingOf = (label: string): string => {
  throw new RangeError(`TextDecoder: "${label}" is not the label of an encoding`);
};

export const makeDecoder = (encoding: string): Decode => {
  throw new RangeError(`TextDecoder: "${encoding}" is not an encoding`);
};
