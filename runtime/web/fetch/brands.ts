// How code tells the values of lazy interfaces apart without building them: as long as a lazy module has not
// run, no value of its interfaces can exist. Each lazy module leaves its test here when it runs.

import type { Blob } from '../bytes/blob.ts';
import type { ReadableStream } from '../stream-tools.ts';
import type { FormData } from './form-data.ts';

export interface Brands {
  isBlob: (value: object) => value is Blob;
  isProxy: (value: object) => boolean;
  isFormData: (value: object) => value is FormData;
  isStream: (value: object) => value is ReadableStream;
}

const none = (_value: object): _value is never => false;

export const brands: Brands = { isBlob: none, isFormData: none, isProxy: none, isStream: none };
