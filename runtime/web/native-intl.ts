// The builtin `Intl`, taken before `tame.ts` puts its wrapper in its place. Only the namespace object is kept; what is
// in it is looked up when the wrapper is made.
type Natives = Record<string, unknown>;
const intl = (globalThis as unknown as { Intl: Natives }).Intl;

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
  for (let i = 0; i < names.length; i++) if (intl[names[i]!] !== undefined) found[names[i]!] = intl[names[i]!];
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
    const list = Array.isArray(locales) ? (locales as unknown[]) : [locales];
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
