// Runs a decoder that takes one byte at a time, as the Encoding standard writes them down. Lazy.

import {
  ArrayPrototypePop,
  ArrayPrototypePush,
  StringFromCodePoint,
  TypedArrayPrototypeGetLength,
  TypeError,
} from '../../primordials.ts';
import type { Decode } from '../encoding.ts';

/** What a step does besides taking its byte. */
export interface Output {
  emit(code: number): void;
  /** Ends the step when bytes that are not valid are to throw. */
  error(): void;
  /** These bytes are read again, in this order, before the next one. */
  again(...bytes: number[]): void;
}

/** `byte` is `END` once the input is over, until nothing is read again. */
export type Step = (byte: number, output: Output) => void;

export const END = -1;

export const machine = (step: Step): Decode => {
  // the next one last; survives pieces of a stream, but for errors
  const waiting: number[] = [];
  return (bytes, end, malformed) => {
    const length = TypedArrayPrototypeGetLength(bytes);
    let text = '';
    const output: Output = {
      emit: (code) => {
        text += StringFromCodePoint(code);
      },
      error: () => {
        if (malformed === 'throw') throw new TypeError('Cannot decode: a byte is not valid in this encoding');
        text += '\ufffd';
      },
      again: (...again) => {
        for (let i = again.length - 1; i >= 0; i--) ArrayPrototypePush(waiting, again[i]!);
      },
    };
    for (let at = 0; at < length || waiting.length > 0; ) {
      step(waiting.length > 0 ? ArrayPrototypePop(waiting)! : bytes[at++]!, output);
    }
    if (end === 'flush') {
      step(END, output);
      while (waiting.length > 0) {
        step(ArrayPrototypePop(waiting)!, output);
        if (waiting.length === 0) step(END, output);
      }
    }
    return text;
  };
};
