// `structuredClone`: a copy of a value with its cycles, without its prototypes. Kinds are known by internal slots, so
// that a guest's `Symbol.toStringTag` changes nothing. Only ArrayBuffers and MessagePorts can be transferred. Lazy.
import * as lazyBlob from './bytes/blob.ts';
import { inspect } from './console/format.ts';
import { DOMException, errorFrom, isDomException } from './events/dom-exception.ts';
import { brands } from './fetch/brands.ts';
import { dictionary, requireArguments } from './fetch/interface.ts';
import { isPort, transferPort } from './message-channel.ts';
export const structuredClone = undefined;
