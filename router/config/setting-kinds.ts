// How the text of one operator setting becomes a value: one function per kind, and the one form of their error.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { TineError } from '#sandbox';
import { isName } from './name.ts';

export type Kind =
  | { is: 'integer'; min: number; max: number }
  | { is: 'choice'; of: readonly string[] }
  | { is: 'path' | 'host' | 'hosts' | 'cidrs' | 'token' | 'switch' | 'name' };

/** The error of every setting: exit 78 of the command line. */
export function badSetting(key: string, wanted: string, found: unknown): TineError {
  const text = `${key} must be ${wanted}; got ${JSON.stringify(found)}`;
  return new TineError('invalid_config', text, { details: { text, key } });
}

/** @param key as the operator wrote it: `TINE_PORT` or `--port`
 * @throws TineError `invalid_config` */
export function readKind(kind: Kind, key: string, given: unknown): unknown {
  if (kind.is === 'switch') return readSwitch(key, given);
  const text = String(given).trim();
  switch (kind.is) {
    case 'integer':
      return readInteger(kind, key, text);
    case 'choice':
      if (kind.of.includes(text)) return text;
      throw badSetting(key, `one of ${kind.of.map((word) => `"${word}"`).join(', ')}`, text);
    case 'path':
      if (text !== '' && !text.includes('\0')) return text;
      throw badSetting(key, 'a path', text);
    case 'host':
      return readHost(key, text);
    case 'hosts':
      return list(text).map((host) => readHost(key, host).toLowerCase());
    case 'cidrs':
      return list(text).map((cidr) => readCidr(key, cidr));
    case 'token':
      // Never shown, not even when it is wrong.
      if (/^[\x21-\x7e]{1,512}$/.test(text)) return text;
      throw badSetting(key, '1 to 512 visible ASCII characters', `(${text.length} characters)`);
    case 'name':
      if (isName(text)) return text;
      throw badSetting(key, 'a program name: 1 to 63 of a-z, 0-9 and "-", not beginning with "-"', text);
  }
}

/** Whether only this machine reaches that address. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host.toLowerCase() === 'localhost';
  return ipaddr.process(host).range() === 'loopback';
}

function readInteger({ min, max }: { min: number; max: number }, key: string, text: string): number {
  const value = Number(text);
  // `Number` alone would take "1e3", "0x10" and "".
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw badSetting(key, `an integer from ${min} to ${max}`, text);
}

function readSwitch(key: string, given: unknown): boolean {
  if (typeof given === 'boolean') return given;
  const text = String(given).trim().toLowerCase();
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  if (['0', 'false', 'no', 'off'].includes(text)) return false;
  throw badSetting(key, '1 or 0', given);
}

function readHost(key: string, text: string): string {
  if (isIP(text) !== 0) return text;
  // What is made of digits and dots only, and no address, is a mistyped one and no name.
  if (
    /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i.test(text) &&
    /[a-z]/i.test(text)
  ) {
    return text;
  }
  throw badSetting(key, 'an IP address or a host name, without a port', text);
}

/** One address is a block of one. */
function readCidr(key: string, text: string): string {
  const [address, bits, ...more] = text.split('/');
  const family = isIP(address ?? '');
  const most = family === 4 ? 32 : 128;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (family !== 0 && more.length === 0 && length <= most) return `${address}/${length}`;
  throw badSetting(key, 'a list of address blocks, such as "10.0.0.0/8,fd00::/8"', text);
}

function list(text: string): string[] {
  return text.split(',').flatMap((item) => item.trim() || []);
}
