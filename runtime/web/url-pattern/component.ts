// One compiled component of a URLPattern: its regular expression, the names of its groups, and its pattern in normal
// form. Lazy.

import { ArrayPrototypePush, RegExp, RegExpPrototypeExec, TypeError } from '../primordials.ts';
import {
  type Encode,
  escapePattern,
  escapeRegExp,
  FULL_WILDCARD,
  type Part,
  type PartOptions,
  parseParts,
  segmentWildcard,
} from './parts.ts';
import { characterAt, isNameCharacter } from './tokenize.ts';

export interface Component {
  /** In normal form. */
  pattern: string;
  expression: RegExp;
  names: string[];
  hasRegExpGroups: boolean;
}

/** @throws TypeError when the pattern is not valid */
export const compileComponent = (input: string, encode: Encode, options: PartOptions): Component => {
  const parts = parseParts(input, options, encode);
  const names: string[] = [];
  let source = '';
  let hasRegExpGroups = false;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (part.type !== 'fixed-text') ArrayPrototypePush(names, part.name);
    if (part.type === 'regexp') hasRegExpGroups = true;
    source += sourceOf(part, options);
  }
  let expression: RegExp;
  try {
    expression = new RegExp(`^${source}$`, options.ignoreCase ? 'vi' : 'v');
  } catch {
    throw new TypeError(`URLPattern: "${input}" holds a group that is no regular expression`);
  }
  return { pattern: patternOf(parts, options), expression, names, hasRegExpGroups };
};

/** Does the protocol that a component stands for include one of the special schemes? */
export const matchesSpecialScheme = (protocol: Component): boolean => {
  const schemes = ['http', 'https', 'ws', 'wss', 'ftp', 'file'];
  for (let i = 0; i < schemes.length; i++) {
    if (RegExpPrototypeExec(protocol.expression, schemes[i]!) !== null) return true;
  }
  return false;
};

const sourceOf = (part: Part, options: PartOptions): string => {
  const { modifier } = part;
  if (part.type === 'fixed-text') {
    const text = escapeRegExp(part.value);
    return modifier === '' ? text : `(?:${text})${modifier}`;
  }
  const value =
    part.type === 'segment-wildcard'
      ? segmentWildcard(options)
      : part.type === 'full-wildcard'
        ? FULL_WILDCARD
        : part.value;
  const isSingle = modifier === '' || modifier === '?';
  const prefix = escapeRegExp(part.prefix);
  const suffix = escapeRegExp(part.suffix);
  if (prefix === '' && suffix === '') return isSingle ? `(${value})${modifier}` : `((?:${value})${modifier})`;
  if (isSingle) return `(?:${prefix}(${value})${suffix})${modifier}`;
  const repeated = `(?:${prefix}((?:${value})(?:${suffix}${prefix}(?:${value}))*)${suffix})`;
  return modifier === '*' ? `${repeated}?` : repeated;
};

const patternOf = (parts: Part[], options: PartOptions): string => {
  let pattern = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (part.type === 'fixed-text') {
      const text = escapePattern(part.value);
      pattern += part.modifier === '' ? text : `{${text}}${part.modifier}`;
    } else {
      pattern += groupPattern(part, parts[i - 1], parts[i + 1], options);
    }
  }
  return pattern;
};

const groupPattern = (part: Part, before: Part | undefined, after: Part | undefined, options: PartOptions): string => {
  const hasName = !isDigit(part.name[0]);
  const isGrouped = needsBraces(part, before, after, options);
  let pattern = escapePattern(part.prefix);
  if (hasName) pattern += `:${part.name}`;
  if (part.type === 'regexp') pattern += `(${part.value})`;
  else if (part.type === 'segment-wildcard') {
    if (!hasName) pattern += `(${segmentWildcard(options)})`;
  } else {
    const standsAlone =
      before === undefined || before.type === 'fixed-text' || before.modifier !== '' || isGrouped || part.prefix !== '';
    pattern += !hasName && standsAlone ? '*' : `(${FULL_WILDCARD})`;
  }
  const runsOn = part.suffix !== '' && isNameCharacter(characterAt(part.suffix, 0), 'later');
  if (part.type === 'segment-wildcard' && hasName && runsOn) pattern += '\\';
  pattern += escapePattern(part.suffix);
  return (isGrouped ? `{${pattern}}` : pattern) + part.modifier;
};

const needsBraces = (part: Part, before: Part | undefined, after: Part | undefined, options: PartOptions): boolean => {
  if (part.suffix !== '' || (part.prefix !== '' && part.prefix !== options.prefix)) return true;
  const isPlainName = !isDigit(part.name[0]) && part.type === 'segment-wildcard' && part.modifier === '';
  if (isPlainName && after !== undefined && after.prefix === '' && after.suffix === '') {
    // what comes next would be read as more of the name, or as its group
    if (after.type !== 'fixed-text') {
      if (isDigit(after.name[0])) return true;
    } else if (isNameCharacter(characterAt(after.value, 0), 'later')) return true;
  }
  return (
    part.prefix === '' &&
    before !== undefined &&
    before.type === 'fixed-text' &&
    before.value !== '' &&
    before.value[before.value.length - 1] === options.prefix
  );
};

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= '0' && character <= '9';
