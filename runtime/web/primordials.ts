// The builtins as they were before any guest code ran. Guests may replace every prototype method and every global
// afterwards; the bundle must go on working, so it calls these instead of methods. Named as in Node: global, word
// `Prototype`, method. It is no sandbox: nothing here keeps a guest from breaking itself.
//
// Rules for code of the bundle:
// - no method calls on values that a guest can touch, and none on builtin prototypes: `ArrayPrototypePush(a, x)`
// - no `for … of`, spread of arrays or array destructuring where the value is an array (they read
//   `Array.prototype[Symbol.iterator]`): count with an index
// - no `await`, no `async` in eager code (they read `constructor` and `then`): `PromisePrototypeThen(p, ok, fail)`
// - objects of ours from which optional fields are read have a null prototype, or guests put fields into them
// - what nobody uses is not captured: each of them costs in every context
// - no regular expressions through `replace`, `test`, `split`: `RegExpPrototypeExec(re, text)`
const native = globalThis;
const { bind, call } = native.Function.prototype;

/** `uncurryThis(Array.prototype.push)` is `(array, ...items) => …`, and immune to later changes of `call`. */
export const uncurryThis = bind.bind(call as never) as unknown as <F extends (...args: never[]) => unknown>(
  method: F,
) => (self: unknown, ...args: Parameters<F>) => ReturnType<F>;

/** The getter of an accessor property: `uncurryThis(getterOf(Map.prototype, 'size'))` is `(map) => …`. */
export const getterOf = <T>(proto: object, name: PropertyKey): (() => T) =>
  native.Object.getOwnPropertyDescriptor(proto, name)!.get as () => T;

export const {
  Array,
  ArrayBuffer,
  BigInt,
  Boolean,
  DataView,
  Date,
  Error,
  EvalError,
  Function,
  Map,
  Number,
  Object,
  Promise,
  RangeError,
  ReferenceError,
  RegExp,
  Set,
  String,
  Symbol,
  SyntaxError,
  TypeError,
  URIError,
  Uint8Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Uint16Array,
  Uint32Array,
  Uint8ClampedArray,
  Float64Array,
  WeakMap,
  WeakSet,
} = native;

// The same names as types, for modules that import the value.
export type Array<T> = globalThis.Array<T>;
export type ArrayBuffer = globalThis.ArrayBuffer;
export type DataView = globalThis.DataView;
export type Date = globalThis.Date;
export type Error = globalThis.Error;
export type Map<K, V> = globalThis.Map<K, V>;
export type Promise<T> = globalThis.Promise<T>;
export type RegExp = globalThis.RegExp;
export type Set<T> = globalThis.Set<T>;
export type Uint8Array<B extends ArrayBufferLike = ArrayBufferLike> = globalThis.Uint8Array<B>;
export type Uint16Array = globalThis.Uint16Array;
export type Uint32Array = globalThis.Uint32Array;
export type WeakMap<K extends WeakKey, V> = globalThis.WeakMap<K, V>;
export type WeakSet<T extends WeakKey> = globalThis.WeakSet<T>;

/** Behind a wrapper for guests (`proxy.ts`). */
export const NativeProxy: ProxyConstructor = native.Proxy;
/** Behind wrappers for guests (`intl.ts`). */
export const NativeIntl = (native as unknown as { Intl: Record<string, unknown> }).Intl;
export const { isArray: ArrayIsArray } = Array;
export const { isView: ArrayBufferIsView } = ArrayBuffer;
export const { parse: JSONParse, stringify: JSONStringify } = native.JSON;
export const { floor: MathFloor, imul: MathImul, max: MathMax, min: MathMin, trunc: MathTrunc } = native.Math;
export const {
  isFinite: NumberIsFinite,
  isNaN: NumberIsNaN,
  parseFloat: NumberParseFloat,
  parseInt: NumberParseInt,
} = Number;
export const { decodeURIComponent: DecodeURIComponent, encodeURIComponent: EncodeURIComponent } = native;
export const {
  assign: ObjectAssign,
  create: ObjectCreate,
  defineProperties: ObjectDefineProperties,
  defineProperty: ObjectDefineProperty,
  getOwnPropertyDescriptor: ObjectGetOwnPropertyDescriptor,
  getPrototypeOf: ObjectGetPrototypeOf,
  hasOwn: ObjectHasOwn,
  is: ObjectIs,
  keys: ObjectKeys,
  setPrototypeOf: ObjectSetPrototypeOf,
} = Object;
export const {
  apply: ReflectApply,
  construct: ReflectConstruct,
  defineProperty: ReflectDefineProperty,
  deleteProperty: ReflectDeleteProperty,
  getOwnPropertyDescriptor: ReflectGetOwnPropertyDescriptor,
  ownKeys: ReflectOwnKeys,
} = native.Reflect;
export const { fromCharCode: StringFromCharCode, fromCodePoint: StringFromCodePoint } = String;
export const SymbolIterator: typeof globalThis.Symbol.iterator = Symbol.iterator;
export const SymbolSpecies: typeof globalThis.Symbol.species = Symbol.species;
export const SymbolToStringTag: typeof globalThis.Symbol.toStringTag = Symbol.toStringTag;

type List<T> = globalThis.Array<T>;
const array = Array.prototype;
export const ArrayPrototypeIncludes = uncurryThis(array.includes) as <T>(self: readonly T[], item: T) => boolean;
export const ArrayPrototypeIndexOf = uncurryThis(array.indexOf) as <T>(self: readonly T[], item: T) => number;
export const ArrayPrototypeJoin = uncurryThis(array.join) as (self: readonly unknown[], separator: string) => string;
export const ArrayPrototypePop = uncurryThis(array.pop) as <T>(self: List<T>) => T | undefined;
export const ArrayPrototypePush = uncurryThis(array.push) as <T>(self: List<T>, ...items: T[]) => number;
export const ArrayPrototypeShift = uncurryThis(array.shift) as <T>(self: List<T>) => T | undefined;
/** Reads the species, as do `map`, `filter`, `concat`, `splice`: only for arrays that the bundle has made. */
export const ArrayPrototypeSlice = uncurryThis(array.slice) as <T>(self: readonly T[], a?: number, b?: number) => T[];
export const ArrayPrototypeSort = uncurryThis(array.sort) as <T>(
  self: List<T>,
  compare?: (a: T, b: T) => number,
) => T[];
export const ArrayPrototypeSplice = uncurryThis(array.splice) as <T>(
  self: List<T>,
  start: number,
  count?: number,
  ...items: T[]
) => T[];
export const ArrayIteratorPrototype = ObjectGetPrototypeOf(array[SymbolIterator]()) as object;

const buffer = ArrayBuffer.prototype;
export const ArrayBufferPrototypeGetByteLength = uncurryThis(getterOf<number>(buffer, 'byteLength'));
export const ArrayBufferPrototypeGetDetached = uncurryThis(getterOf<boolean>(buffer, 'detached'));
/** Detaches the buffer and gives its bytes to a new one. Guests do not have it (`tame.ts`). */
export const ArrayBufferPrototypeTransfer = uncurryThis(
  (buffer as unknown as { transfer(): globalThis.ArrayBuffer }).transfer,
);
export const DataViewPrototypeGetBuffer = uncurryThis(getterOf<globalThis.ArrayBuffer>(DataView.prototype, 'buffer'));
export const DataViewPrototypeGetByteLength = uncurryThis(getterOf<number>(DataView.prototype, 'byteLength'));
export const DataViewPrototypeGetByteOffset = uncurryThis(getterOf<number>(DataView.prototype, 'byteOffset'));

const typedArray = ObjectGetPrototypeOf(Uint8Array.prototype) as globalThis.Uint8Array<globalThis.ArrayBuffer>;
/** `'Uint8Array'` and so on; undefined when the value is no typed array. */
export const TypedArrayPrototypeGetSymbolToStringTag = uncurryThis(
  getterOf<string | undefined>(typedArray, SymbolToStringTag),
);
export const TypedArrayPrototypeGetBuffer = uncurryThis(getterOf<globalThis.ArrayBuffer>(typedArray, 'buffer'));
export const TypedArrayPrototypeGetByteLength = uncurryThis(getterOf<number>(typedArray, 'byteLength'));
export const TypedArrayPrototypeGetByteOffset = uncurryThis(getterOf<number>(typedArray, 'byteOffset'));
export const TypedArrayPrototypeGetLength = uncurryThis(getterOf<number>(typedArray, 'length'));
export const TypedArrayPrototypeSet = uncurryThis(typedArray.set);

export const BigIntPrototypeToString = uncurryThis(BigInt.prototype.toString);
export const BigIntPrototypeValueOf = uncurryThis(BigInt.prototype.valueOf);
export const BooleanPrototypeValueOf = uncurryThis(Boolean.prototype.valueOf);
export const NumberPrototypeToString = uncurryThis(Number.prototype.toString);
export const NumberPrototypeValueOf = uncurryThis(Number.prototype.valueOf);
export const StringPrototypeValueOf = uncurryThis(String.prototype.valueOf);
export const SymbolPrototypeValueOf = uncurryThis(Symbol.prototype.valueOf);
export const SymbolPrototypeToString = uncurryThis(Symbol.prototype.toString);
export const DatePrototypeGetTime = uncurryThis(Date.prototype.getTime);
export const DatePrototypeToISOString = uncurryThis(Date.prototype.toISOString);
export const FunctionPrototypeCall = uncurryThis(call as never) as unknown as (
  self: unknown,
  receiver: unknown,
  ...args: unknown[]
) => unknown;
/** The bound function; further arguments come before those of a call. */
export const FunctionPrototypeBind = uncurryThis(bind as never) as unknown as (
  self: unknown,
  receiver: unknown,
) => (...args: unknown[]) => unknown;
export const FunctionPrototypeToString = uncurryThis(Function.prototype.toString);
export const ObjectPrototypeHasOwnProperty = uncurryThis(Object.prototype.hasOwnProperty);
export const ObjectPrototypeToString = uncurryThis(Object.prototype.toString);

type M<K, V> = globalThis.Map<K, V>;
const map = Map.prototype;
export const MapPrototypeClear = uncurryThis(map.clear) as <K>(self: M<K, unknown>) => void;
export const MapPrototypeDelete = uncurryThis(map.delete) as <K>(self: M<K, unknown>, key: K) => boolean;
export const MapPrototypeForEach = uncurryThis(map.forEach) as <K, V>(self: M<K, V>, f: (v: V, k: K) => void) => void;
export const MapPrototypeGet = uncurryThis(map.get) as <K, V>(self: M<K, V>, key: K) => V | undefined;
export const MapPrototypeGetSize = uncurryThis(getterOf<number>(map, 'size'));
export const MapPrototypeSet = uncurryThis(map.set) as <K, V>(self: M<K, V>, key: K, value: V) => M<K, V>;

type S<T> = globalThis.Set<T>;
const set = Set.prototype;
export const SetPrototypeAdd = uncurryThis(set.add) as <T>(self: S<T>, item: T) => S<T>;
export const SetPrototypeForEach = uncurryThis(set.forEach) as <T>(self: S<T>, visit: (item: T) => void) => void;
export const SetPrototypeGetSize = uncurryThis(getterOf<number>(set, 'size'));

type WM<V> = globalThis.WeakMap<object, V>;
const weakMap = WeakMap.prototype;
export const WeakMapPrototypeGet = uncurryThis(weakMap.get) as <V>(self: WM<V>, key: object) => V | undefined;
export const WeakMapPrototypeSet = uncurryThis(weakMap.set) as <V>(self: WM<V>, key: object, value: V) => WM<V>;
type WS = globalThis.WeakSet<object>;
export const WeakSetPrototypeAdd = uncurryThis(WeakSet.prototype.add) as (self: WS, item: object) => WS;
export const WeakSetPrototypeHas = uncurryThis(WeakSet.prototype.has) as (self: WS, item: object) => boolean;

/** The builtin `then`: throws a TypeError when `self` is no native promise. Not for values whose `then` a guest may
 * have given a meaning of its own: resolve a promise of ours with those. */
export const PromisePrototypeThen = uncurryThis(Promise.prototype.then) as <T>(
  self: globalThis.Promise<T>,
  ok?: ((value: T) => unknown) | undefined,
  fail?: ((reason: unknown) => unknown) | undefined,
) => globalThis.Promise<unknown>;
export const PromiseResolve = bind.call(Promise.resolve as never, Promise) as unknown as <T>(
  value: T,
) => globalThis.Promise<Awaited<T>>;
export const PromiseReject = bind.call(Promise.reject as never, Promise) as unknown as (
  reason: unknown,
) => globalThis.Promise<never>;

/** For code that takes them from where they are (`untouched.ts`). */
export const { resolve: NativePromiseResolve, reject: NativePromiseReject } = Promise;
export const NativePromiseThen = Promise.prototype.then;

/** Not `test`: that one looks `exec` up on the prototype. Uses `lastIndex` when the flags are g or y. */
export const RegExpPrototypeExec = uncurryThis(RegExp.prototype.exec);
export const RegExpPrototypeGetFlags = uncurryThis(getterOf<string>(RegExp.prototype, 'flags'));
export const RegExpPrototypeGetSource = uncurryThis(getterOf<string>(RegExp.prototype, 'source'));
export const RegExpPrototypeToString = uncurryThis(RegExp.prototype.toString);

const string = String.prototype;
export const StringPrototypeCharCodeAt = uncurryThis(string.charCodeAt);
export const StringPrototypeCodePointAt = uncurryThis(string.codePointAt);
export const StringPrototypeIncludes = uncurryThis(string.includes);
export const StringPrototypeIndexOf = uncurryThis(string.indexOf);
export const StringPrototypeIsWellFormed = uncurryThis(string.isWellFormed);
export const StringPrototypeLastIndexOf = uncurryThis(string.lastIndexOf);
export const StringPrototypeNormalize = uncurryThis(string.normalize);
export const StringPrototypePadEnd = uncurryThis(string.padEnd);
export const StringPrototypePadStart = uncurryThis(string.padStart);
export const StringPrototypeRepeat = uncurryThis(string.repeat);
export const StringPrototypeSlice = uncurryThis(string.slice);
/** With a string as separator only. */
export const StringPrototypeSplit = uncurryThis(string.split as (separator: string) => string[]);
export const StringPrototypeStartsWith = uncurryThis(string.startsWith);
export const StringPrototypeToLowerCase = uncurryThis(string.toLowerCase);
export const StringPrototypeToUpperCase = uncurryThis(string.toUpperCase);
export const StringPrototypeToWellFormed = uncurryThis(string.toWellFormed);

/** A view of `bytes[start, end)` on the same memory. Unlike the method it reads no species. */
export function subarray(
  bytes: globalThis.Uint8Array,
  start: number,
  end: number = TypedArrayPrototypeGetLength(bytes),
): globalThis.Uint8Array<globalThis.ArrayBuffer> {
  return new Uint8Array(
    TypedArrayPrototypeGetBuffer(bytes),
    TypedArrayPrototypeGetByteOffset(bytes) + start,
    end - start,
  );
}

/** By internal slot, so also for buffers of other realms; false for SharedArrayBuffer. */
export function isArrayBuffer(value: unknown): value is globalThis.ArrayBuffer {
  if (typeof value !== 'object' || value === null) return false;
  try {
    ArrayBufferPrototypeGetByteLength(value);
    return true;
  } catch {
    return false;
  }
}

/** The bytes of an ArrayBuffer or a view, as a Uint8Array on the same memory; undefined for anything else. */
export function bytesOf(value: unknown): globalThis.Uint8Array<globalThis.ArrayBuffer> | undefined {
  if (ArrayBufferIsView(value)) {
    if (TypedArrayPrototypeGetSymbolToStringTag(value) === undefined) {
      const start = DataViewPrototypeGetByteOffset(value);
      return new Uint8Array(DataViewPrototypeGetBuffer(value), start, DataViewPrototypeGetByteLength(value));
    }
    const start = TypedArrayPrototypeGetByteOffset(value);
    return new Uint8Array(TypedArrayPrototypeGetBuffer(value), start, TypedArrayPrototypeGetByteLength(value));
  }
  return isArrayBuffer(value) ? new Uint8Array(value) : undefined;
}

/** An object or a function. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
