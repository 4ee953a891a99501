// The languages that tine knows, by name.
import { javascript } from './javascript/language.ts';
import type { Language, LanguageName } from './language.ts';

export const languages = { javascript } as const satisfies Partial<Record<LanguageName, Language>>;

/** The compiler of a language. @throws RangeError when tine has no such language */
export function compileFor(name: LanguageName): Language['compile'] {
  if (!Object.hasOwn(languages, name)) {
    throw new RangeError(`language must be one of ${Object.keys(languages).join(', ')}: got ${name}`);
  }
  return languages[name as keyof typeof languages].compile;
}
