// Bricks of the schema. Each carries, as zod's message, the words that follow "must be": whoever reports an issue
// writes `"limits.cpu_ms" (line 14) must be <these words>; got "50".`
import { z } from 'zod';
import { NAME_FORM } from './name.ts';

/** Before the list of known keys in the message of an unknown one. */
export const KNOWN_KEYS = 'known keys: ';

export function integer(min: number, max: number) {
  const error = `an integer from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function share() {
  const error = 'a number from 0 to 1';
  return z.number({ error }).min(0, { error }).max(1, { error });
}

export function text(wanted = 'a string') {
  return z.string({ error: wanted });
}

export function filled(wanted = 'a string that is not empty') {
  return z.string({ error: wanted }).min(1, { error: wanted });
}

export function matching(pattern: RegExp, wanted: string) {
  return z.string({ error: wanted }).regex(pattern, { error: wanted });
}

export function flag() {
  return z.boolean({ error: 'true or false' });
}

export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: words.map((word) => `"${word}"`).join(' or ') });
}

export function list<Item extends z.ZodType>(item: Item, wanted: string) {
  return z.array(item, { error: wanted });
}

export function dictionary<Value extends z.ZodType>(value: Value, wanted: string) {
  return z.record(z.string(), value, { error: wanted });
}

/** No other keys than these. */
export function object<Shape extends z.ZodRawShape>(shape: Shape, wanted = 'an object') {
  const known = KNOWN_KEYS + Object.keys(shape).join(' ');
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? known : wanted) });
}

const json = z.json().meta({ id: 'json' });

/** Anything that JSON can say. */
export function anything() {
  return json;
}

export function programName() {
  return matching(new RegExp(NAME_FORM), '1 to 63 of a-z, 0-9 and "-", beginning with a letter or digit');
}

/** The name under which something appears in `env`. */
export function bindingName() {
  return matching(/^[A-Za-z_$][\w$]*$/, 'a JavaScript identifier');
}
