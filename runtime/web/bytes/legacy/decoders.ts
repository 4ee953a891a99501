// Every encoding of the Encoding standard but UTF-8: which one a label means, and a decoder for it. Lazy: all of
// `legacy/` comes to life with the first label that is not plainly UTF-8's.

import {
  ArrayPrototypeIndexOf,
  RangeError,
  RegExpPrototypeExec,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
} from '../../primordials.ts';
import type { Decode } from '../encoding.ts';
import { big5, eucJp, eucKr, gb18030, shiftJis } from './east-asia.ts';
import { iso2022Jp } from './iso-2022-jp.ts';
import { LABELS } from './labels.ts';
import { machine } from './machine.ts';
import { singleByte } from './single-byte.ts';
import { utf16 } from './utf16.ts';

/** The name of the encoding that `label`, in lower case, stands for.
 * @throws RangeError when it stands for none, or for one that is never decoded */
export const encodingOf = (label: string): string => {
  const trimmed = RegExpPrototypeExec(/^[\t\n\f\r ]*(.*?)[\t\n\f\r ]*$/s, label)![1]!;
  for (let i = 0; i < LABELS.length; i++) {
    const labels = StringPrototypeSplit(LABELS[i]!, ' ');
    if (ArrayPrototypeIndexOf(labels, trimmed) < 0) continue;
    if (labels[0] === 'replacement') break;
    return labels[0]!;
  }
  throw new RangeError(`TextDecoder: "${label}" is not the label of an encoding`);
};

/** `encoding` is a name that `encodingOf` gives. */
export const makeDecoder = (encoding: string): Decode => {
  if (StringPrototypeStartsWith(encoding, 'utf-16')) return utf16(encoding === 'utf-16be' ? 'big' : 'little');
  switch (encoding) {
    case 'gbk':
    case 'gb18030':
      return machine(gb18030());
    case 'big5':
      return machine(big5());
    case 'euc-jp':
      return machine(eucJp());
    case 'iso-2022-jp':
      return machine(iso2022Jp());
    case 'shift_jis':
      return machine(shiftJis());
    case 'euc-kr':
      return machine(eucKr());
    default:
      return singleByte(encoding);
  }
};
