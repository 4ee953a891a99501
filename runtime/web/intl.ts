// `Intl` behind wrappers. An object of the guest remembers the arguments it was made with; the real one is built at its
// first use and dropped before a snapshot is taken, as a live one kills the build. At most 256 real ones per context:
// their memory is seen by no limit. Time means the given clock, the zone is UTC and the locale en-US unless asked. Lazy.
import { awake } from './awake.ts';
import { epochMs } from './clock.ts';
import { defineConstant, defineValue } from './lazy.ts';
import { nativeIntl } from './native-intl.ts';
import { limitError } from './outbox.ts';
import {
  ArrayPrototypePush,
  Object as BuiltinObject,
  isObject,
  ObjectAssign,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectKeys,
  ReflectApply,
  ReflectConstruct,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  String,
  SymbolIterator,
  SymbolToStringTag,
  TypeError,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from './primordials.ts';

const REAL_MAX = 256;
const DEFAULT_LOCALE = 'en-US';

/** What stands behind an object of the guest. */
interface Slot {
  readonly make: () => object;
  real: object | undefined;
  /** Bound functions that were given out (`format`, `compare`): the same one each time. */
  bound: ((...args: unknown[]) => unknown) | undefined;
}

type Method = (...args: unknown[]) => unknown;

const slots: WeakMap<object, Slot> = new WeakMap();
let built: Slot[] = [];

ArrayPrototypePush(awake.putAway, () => {
  for (let i = 0; i < built.length; i++) built[i]!.real = undefined;
  built = [];
});

const slotOf = (self: unknown, call: string): Slot => {
  const slot = isObject(self) ? WeakMapPrototypeGet(slots, self) : undefined;
  if (slot === undefined) throw new TypeError(`${call}: called on an object of another kind`);
  return slot;
};

const realOf = (slot: Slot): object => {
  if (slot.real !== undefined) return slot.real;
  if (built.length >= REAL_MAX) throw limitError(`${REAL_MAX} Intl objects per context`);
  slot.real = slot.make();
  ArrayPrototypePush(built, slot);
  return slot.real;
};

const attach = (wrapper: object, make: () => object): object => {
  WeakMapPrototypeSet(slots, wrapper, { make, real: undefined, bound: undefined });
  return wrapper;
};

/** Locales and options as they are now: what the guest changes later does not count. */
const remember = (name: string, args: unknown[]): unknown[] => {
  const locales = args[0];
  const first =
    locales === undefined
      ? DEFAULT_LOCALE
      : typeof locales === 'string'
        ? locales
        : nativeIntl.canonical(locales, String);
  if (args[1] !== undefined && !isObject(args[1]) && args[1] !== null) return [first, args[1]];
  const options = args[1] === null ? null : ObjectAssign(ObjectCreate(null) as object, args[1]);
  if (name === 'DateTimeFormat' && options !== null) {
    const given = options as { timeZone?: unknown };
    given.timeZone ??= 'UTC';
  }
  return [first, options];
};

const wrapClass = (name: string): unknown => {
  const Real = nativeIntl.classes[name] as new (...args: unknown[]) => object;
  const callable = name === 'NumberFormat' || name === 'DateTimeFormat' || name === 'Collator';
  const Wrapper = {
    [name]: function (this: unknown, ...args: unknown[]): object {
      if (new.target === undefined && !callable) throw new TypeError(`Constructor Intl.${name} requires 'new'`);
      const wrapper = ReflectConstruct(BuiltinObject, [], new.target ?? Wrapper) as object;
      const kept = name === 'Locale' ? [localeTag(args[0]), args[1]] : remember(name, args);
      return attach(wrapper, () => new Real(kept[0], kept[1] ?? undefined));
    },
  }[name] as unknown as { prototype: object; new (): object };
  defineConstant(Wrapper, 'prototype', Wrapper.prototype, 'fixed');
  copyMembers(name, Real.prototype as object, Wrapper.prototype);
  const supported = (Real as unknown as { supportedLocalesOf?: Method }).supportedLocalesOf;
  if (supported !== undefined) defineValue(Wrapper, 'supportedLocalesOf', supported);
  return Wrapper;
};

const localeTag = (tag: unknown): string => {
  if (typeof tag !== 'string' && !isObject(tag)) throw new TypeError('Intl.Locale: a string or a Locale is wanted');
  return String(tag);
};

const copyMembers = (name: string, from: object, to: object): void => {
  const keys = ReflectOwnKeys(from);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const { get, value } = ReflectGetOwnPropertyDescriptor(from, key)!;
    const call = `Intl.${name}.${String(key)}`;
    if (key === 'constructor') continue;
    if (get !== undefined) {
      const read =
        key === 'format' || key === 'compare' ? boundMember(call, get as Method) : plainGetter(call, get as Method);
      ObjectDefineProperty(to, key, { __proto__: null, get: read, configurable: true } as PropertyDescriptor);
    } else if (typeof value === 'function') {
      defineValue(to, key, method(name, key, call, value as Method));
    } else {
      defineConstant(to, key, value, 'hidden');
    }
  }
  defineConstant(to, SymbolToStringTag, `Intl.${name}`, 'hidden');
};

const plainGetter = (call: string, get: Method): Method => {
  return function (this: unknown) {
    return ReflectApply(get, realOf(slotOf(this, call)), []);
  };
};

// A bound function of a real object must not be given out: it would keep the real one alive into a snapshot.
const boundMember = (call: string, get: Method): Method => {
  return function (this: unknown) {
    const slot = slotOf(this, call);
    slot.bound ??= (...args: unknown[]) => {
      const real = realOf(slot);
      return ReflectApply(ReflectApply(get, real, []) as Method, real, timed(call, args));
    };
    return slot.bound;
  };
};

const method = (name: string, key: PropertyKey, call: string, real: Method): Method => {
  if (name === 'Segmenter' && key === 'segment') return segment;
  const locale = name === 'Locale' && (key === 'maximize' || key === 'minimize');
  return {
    [key as string](this: unknown, ...args: unknown[]) {
      const result = ReflectApply(real, realOf(slotOf(this, call)), timed(call, args));
      return locale ? new (Intl as { Locale: new (tag: string) => object }).Locale(String(result)) : result;
    },
  }[key as string] as Method;
};

/** Formatting no date at all means now: the given one. */
const timed = (call: string, args: unknown[]): unknown[] => {
  const means = call === 'Intl.DateTimeFormat.format' || call === 'Intl.DateTimeFormat.formatToParts';
  return means && args[0] === undefined ? [epochMs()] : args;
};

const segmentsPrototype = {
  containing(this: unknown, index?: unknown): unknown {
    const real = realOf(slotOf(this, 'Segments.containing')) as { containing(index: unknown): unknown };
    return real.containing(index);
  },
  *[SymbolIterator](this: { containing(index: number): { segment: string; index: number } | undefined }) {
    for (let at = 0; ; ) {
      const found = this.containing(at);
      if (found === undefined) return;
      yield found;
      at = found.index + found.segment.length;
    }
  },
};

const segment: Method = function segment(this: unknown, input: unknown) {
  const slot = slotOf(this, 'Intl.Segmenter.segment');
  const text = String(input);
  const make = () => (realOf(slot) as { segment(text: string): object }).segment(text);
  return attach(ObjectCreate(segmentsPrototype) as object, make);
};

export const Intl: object = makeIntl();

function makeIntl(): object {
  const made = ObjectCreate(BuiltinObject.prototype) as Record<string, unknown>;
  const { classes, functions } = nativeIntl;
  const names = ObjectKeys(classes);
  for (let i = 0; i < names.length; i++) defineValue(made, names[i]!, wrapClass(names[i]!));
  const others = ObjectKeys(functions);
  for (let i = 0; i < others.length; i++) defineValue(made, others[i]!, functions[others[i]!]);
  defineConstant(made, SymbolToStringTag, 'Intl', 'hidden');
  return made;
}
