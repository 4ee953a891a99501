// The form of names: of programs and namespaces (a DNS label, as a program is reached by `<name>.localhost`), and of
// keys in the file.

export const NAME_FORM = '^[a-z0-9][a-z0-9-]{0,62}$';

const NAME = new RegExp(NAME_FORM);

export function isName(text: string): boolean {
  return NAME.test(text);
}

/** The nearest name that would pass, for error texts; undefined when nothing of `text` is left. */
export function nearestName(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return isName(name) ? name : undefined;
}

/** `cpuMs` in the code is `cpu_ms` in the file. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, '_$&').toLowerCase();
}
