// What the builtin `Intl` holds; guests get wrappers of it. Lazy.
import { ArrayIsArray, NativeIntl, TypeError } from './primordials.ts';

type Natives = Record<string, unknown>;

const CLASSES = [
  'Collator',
  'DateTimeFormat',
  'DisplayNames',
  'DurationFormat',
  'ListFormat',
  'Locale',
  'NumberFormat',
  'PluralRules',
  'RelativeTimeFormat',
  'Segmenter',
] as const;

const pick = (names: readonly string[]): Natives => {
  const found = { __proto__: null } as unknown as Natives;
  for (let i = 0; i < names.length; i++)
    if (NativeIntl[names[i]!] !== undefined) found[names[i]!] = NativeIntl[names[i]!];
  return found;
};

export const nativeIntl = {
  get classes(): Natives {
    return pick(CLASSES);
  },
  get functions(): Natives {
    return pick(['getCanonicalLocales', 'supportedValuesOf']);
  },
  /** A list of locales as plain strings; wrapped `Locale` objects become their tag. */
  canonical(locales: unknown, text: (value: unknown) => string): string[] {
    const list = ArrayIsArray(locales) ? (locales as unknown[]) : [locales];
    const tags: string[] = [];
    for (let i = 0; i < list.length; i++) {
      const tag = list[i];
      if (typeof tag !== 'string' && (typeof tag !== 'object' || tag === null)) {
        throw new TypeError('Incorrect locale information provided');
      }
      tags[i] = text(tag);
    }
    return tags;
  },
};
