// The languages that tine knows, by name.
import { javascript } from './javascript/language.ts';
import type { Language, LanguageName } from './language.ts';

export const languages = { javascript } as const satisfies Partial<Record<LanguageName, Language>>;

/** The compiler of a language. @throws RangeError when tine has no such language */
export function compileFor(name: LanguageName): Language['compile'] {
  const language: Language | undefined = (languages as Partial<Record<LanguageName, Language>>)[name];
  if (language === undefined) {
    throw new RangeError(`language must be one of ${Object.keys(languages).join(', ')}: got ${name}`);
  }
  return language.compile;
}
