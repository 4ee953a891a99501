// Members of a RequestInit that mean something to a browser only. They are checked as Web IDL does and shown again,
// and nothing else. Few programs use them, so all of this is lazy.
import { ArrayPrototypeIncludes, TypeError } from '../primordials.ts';
import type { RequestInit } from './request-state.ts';

/** As given, or their defaults. */
export interface Inert {
  cache: string;
  credentials: string;
  integrity: string;
  keepalive: boolean;
  mode: string;
  referrer: string;
  referrerPolicy: string;
}

const CHOICES = {
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
  credentials: ['omit', 'same-origin', 'include'],
  duplex: ['half'],
  mode: ['same-origin', 'no-cors', 'cors'],
  priority: ['high', 'low', 'auto'],
  redirect: ['follow', 'error', 'manual'],
  referrerPolicy: [
    '',
    'no-referrer',
    'no-referrer-when-downgrade',
    'same-origin',
    'origin',
    'strict-origin',
    'origin-when-cross-origin',
    'strict-origin-when-cross-origin',
    'unsafe-url',
  ],
};

/** The value as a string. @throws TypeError when it is none of the choices of that member */
export const choice = (member: keyof typeof CHOICES, value: unknown, call: string): string => {
  const text = `${value as string}`;
  if (!ArrayPrototypeIncludes(CHOICES[member], text))
    throw new TypeError(`${call}: "${text}" is not a valid ${member}`);
  return text;
};

/** `init` over what was there before. */
export const inertFrom = (init: RequestInit, before: Inert | undefined, call: string): Inert => {
  if (init.priority !== undefined) choice('priority', init.priority, call);
  return {
    cache: init.cache === undefined ? (before?.cache ?? 'default') : choice('cache', init.cache, call),
    credentials:
      init.credentials === undefined
        ? (before?.credentials ?? 'same-origin')
        : choice('credentials', init.credentials, call),
    integrity: init.integrity === undefined ? (before?.integrity ?? '') : `${init.integrity}`,
    keepalive: init.keepalive === undefined ? (before?.keepalive ?? false) : !!init.keepalive,
    mode: init.mode === undefined ? (before?.mode ?? 'cors') : choice('mode', init.mode, call),
    referrer: init.referrer === undefined ? (before?.referrer ?? 'about:client') : referrerFrom(init.referrer),
    referrerPolicy:
      init.referrerPolicy === undefined
        ? (before?.referrerPolicy ?? '')
        : choice('referrerPolicy', init.referrerPolicy, call),
  };
};

const referrerFrom = (referrer: unknown): string => {
  const text = `${referrer as string}`;
  return text === '' ? 'no-referrer' : text;
};
