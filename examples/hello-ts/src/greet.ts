// A greeting in the reader's language.
export interface Greeting {
  greeting: string;
  language: string;
}

const WORDS: Readonly<Record<string, string>> = { de: 'Hallo', fr: 'Bonjour', es: 'Hola', ja: 'こんにちは' };

/** `accepted` is the header `accept-language`; `fallback` greets everybody else, in English. */
export function greet(name: string, fallback: string, accepted: string | null): Greeting {
  for (const part of (accepted ?? '').split(',')) {
    const language = part.trim().slice(0, 2).toLowerCase();
    const word = WORDS[language];
    if (word !== undefined) return { greeting: `${word}, ${name}!`, language };
  }
  return { greeting: `${fallback}, ${name}!`, language: 'en' };
}
