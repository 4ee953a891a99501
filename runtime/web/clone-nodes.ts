// The middle of `structuredClone`: values read into nodes, nodes built into values. A node makes an empty shell first
// and fills it afterwards, so that cycles find the shell. Primitives stand for themselves. Lazy.
import { DOMException, errorFrom, isDomException } from './events/dom-exception.ts';
import { brands } from './fetch/brands.ts';
import { defineValue } from './lazy.ts';
import {
  ArrayBuffer,
  ArrayBufferIsView,
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  ArrayIsArray,
  ArrayPrototypePush,
  BigInt64Array,
  BigIntPrototypeValueOf,
  BigUint64Array,
  BooleanPrototypeValueOf,
  bytesOf,
  DataView,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  Date,
  DatePrototypeGetTime,
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  isArrayBuffer,
  isObject,
  Map,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
  NumberPrototypeValueOf,
  Object,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototypeToString,
  ReflectDeleteProperty,
  ReflectGetOwnPropertyDescriptor,
  RegExp,
  RegExpPrototypeGetFlags,
  RegExpPrototypeGetSource,
  Set,
  SetPrototypeAdd,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  String,
  StringPrototypeValueOf,
  SymbolToStringTag,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  TypedArrayPrototypeSet,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
} from './primordials.ts';

/** An object to be: how to make it empty, and how to fill it. */
export class CloneNode {
  #make: () => unknown;
  readonly #fill: ((made: never) => void) | undefined;
  #made: unknown;
  #state: 'planned' | 'made' = 'planned';

  constructor(make: () => unknown, fill?: (made: never) => void) {
    this.#make = make;
    this.#fill = fill;
  }

  /** This very object, instead of a new one. */
  become(value: unknown): void {
    this.#make = () => value;
  }

  /** The value that a node, or a primitive, stands for. */
  static build(node: unknown): unknown {
    if (!isObject(node)) return node;
    const self = node as CloneNode;
    if (self.#state === 'planned') {
      self.#state = 'made';
      self.#made = self.#make();
      self.#fill?.(self.#made as never);
    }
    return self.#made;
  }
}

const { build } = CloneNode;

export class NodeReader {
  /** Nodes of objects that were met, or that are transferred. */
  readonly #known: Map<object, CloneNode>;

  constructor(known: Map<object, CloneNode>) {
    this.#known = known;
  }

  /** A node, or the value itself when it is a primitive. */
  read(value: unknown): unknown {
    if (typeof value === 'symbol') throw refuse('a symbol');
    if (!isObject(value)) return value;
    if (typeof value === 'function') throw refuse('a function');
    const known = MapPrototypeGet(this.#known, value);
    if (known !== undefined) return known;
    if (brands.isProxy(value)) throw refuse('a Proxy');
    return (SymbolToStringTag in value ? this.#tagged(value) : undefined) ?? this.#untagged(value);
  }

  #keep(value: object, node: CloneNode): CloneNode {
    MapPrototypeSet(this.#known, value, node);
    return node;
  }

  /** Kinds whose prototypes have a tag. Undefined: only a tag, nothing behind it. */
  #tagged(value: object): CloneNode | undefined {
    if (ArrayBufferIsView(value)) return this.#view(value);
    if (isArrayBuffer(value)) return this.#buffer(value);
    if (holds(MapPrototypeGetSize, value)) return this.#map(value as Map<unknown, unknown>);
    if (holds(SetPrototypeGetSize, value)) return this.#set(value as Set<unknown>);
    if (isDomException(value)) {
      const { message, name } = value;
      return this.#keep(value, new CloneNode(() => new DOMException(message, name)));
    }
    // a Blob cannot change: the copy may as well be the same
    if (brands.isBlob(value)) return this.#keep(value, new CloneNode(() => value));
    if (holds(BigIntPrototypeValueOf, value)) return this.#boxed(value, BigIntPrototypeValueOf(value));
    refusePlatformObject(value);
    return undefined;
  }

  #untagged(value: object): CloneNode {
    if (ArrayIsArray(value)) return this.#array(value);
    switch (ObjectPrototypeToString(value)) {
      case '[object Date]': {
        const time = DatePrototypeGetTime(value);
        return this.#keep(value, new CloneNode(() => new Date(time)));
      }
      case '[object RegExp]': {
        const source = RegExpPrototypeGetSource(value);
        const flags = RegExpPrototypeGetFlags(value);
        return this.#keep(value, new CloneNode(() => new RegExp(source, flags)));
      }
      case '[object Error]':
        return this.#error(value as Error);
      case '[object Boolean]':
        return this.#boxed(value, BooleanPrototypeValueOf(value));
      case '[object Number]':
        return this.#boxed(value, NumberPrototypeValueOf(value));
      case '[object String]':
        return this.#boxed(value, StringPrototypeValueOf(value));
      default:
        return this.#plain(value);
    }
  }

  #boxed(value: object, inner: unknown): CloneNode {
    return this.#keep(value, new CloneNode(() => Object(inner)));
  }

  #plain(value: object): CloneNode {
    return this.#members(value, () => ({}));
  }

  #array(value: readonly unknown[]): CloneNode {
    const { length } = value;
    return this.#members(value, () => {
      const made: unknown[] = [];
      made.length = length;
      return made;
    });
  }

  /** Enumerable string keys; their getters run. */
  #members(value: object, make: () => object): CloneNode {
    const names: string[] = [];
    const nodes: unknown[] = [];
    const node = new CloneNode(make, (made: Record<string, unknown>) => {
      for (let i = 0; i < names.length; i++) put(made, names[i]!, build(nodes[i]));
    });
    this.#keep(value, node);
    const keys = ObjectKeys(value);
    for (let i = 0; i < keys.length; i++) {
      // a getter that ran before may have removed it
      if (ReflectGetOwnPropertyDescriptor(value, keys[i]!) === undefined) continue;
      ArrayPrototypePush(names, keys[i]!);
      ArrayPrototypePush(nodes, this.read((value as Record<string, unknown>)[keys[i]!]));
    }
    return node;
  }

  #map(value: Map<unknown, unknown>): CloneNode {
    const entries: unknown[] = [];
    const node = new CloneNode(
      () => new Map(),
      (made: Map<unknown, unknown>) => {
        for (let i = 0; i < entries.length; i += 2) MapPrototypeSet(made, build(entries[i]), build(entries[i + 1]));
      },
    );
    this.#keep(value, node);
    const copied: unknown[] = [];
    MapPrototypeForEach(value, (member, key) => void ArrayPrototypePush(copied, key, member));
    for (let i = 0; i < copied.length; i++) ArrayPrototypePush(entries, this.read(copied[i]));
    return node;
  }

  #set(value: Set<unknown>): CloneNode {
    const entries: unknown[] = [];
    const node = new CloneNode(
      () => new Set(),
      (made: Set<unknown>) => {
        for (let i = 0; i < entries.length; i++) SetPrototypeAdd(made, build(entries[i]));
      },
    );
    this.#keep(value, node);
    const copied: unknown[] = [];
    SetPrototypeForEach(value, (member) => void ArrayPrototypePush(copied, member));
    for (let i = 0; i < copied.length; i++) ArrayPrototypePush(entries, this.read(copied[i]));
    return node;
  }

  #buffer(value: ArrayBuffer): CloneNode {
    if (ArrayBufferPrototypeGetDetached(value)) throw refuse('a detached ArrayBuffer');
    const copy = new ArrayBuffer(ArrayBufferPrototypeGetByteLength(value));
    TypedArrayPrototypeSet(bytesOf(copy)!, bytesOf(value)!);
    return this.#keep(value, new CloneNode(() => copy));
  }

  #view(value: ArrayBufferView): CloneNode {
    const kind = TypedArrayPrototypeGetSymbolToStringTag(value);
    const buffer = kind === undefined ? DataViewPrototypeGetBuffer(value) : TypedArrayPrototypeGetBuffer(value);
    if (ArrayBufferPrototypeGetDetached(buffer)) throw refuse('a view of a detached ArrayBuffer');
    const over = this.read(buffer);
    if (kind === undefined) {
      const start = DataViewPrototypeGetByteOffset(value);
      const length = DataViewPrototypeGetByteLength(value);
      return this.#keep(value, new CloneNode(() => new DataView(build(over) as ArrayBuffer, start, length)));
    }
    const start = TypedArrayPrototypeGetByteOffset(value);
    const length = TypedArrayPrototypeGetLength(value);
    const Kind = constructorOf(kind);
    return this.#keep(value, new CloneNode(() => new Kind(build(over) as ArrayBuffer, start, length)));
  }

  #error(value: Error): CloneNode {
    const given = value.name;
    const name = given === undefined ? 'Error' : String(given);
    const known = !isDomException(errorFrom(name, ''));
    const message = ownText(value, 'message');
    const stack = (value as { stack?: unknown }).stack;
    const cause = ReflectGetOwnPropertyDescriptor(value, 'cause');
    let causeNode: unknown;
    const node = new CloneNode(
      () => {
        const made = errorFrom(known ? name : 'Error', '');
        ReflectDeleteProperty(made, 'message');
        if (message !== undefined) defineValue(made, 'message', message);
        if (typeof stack === 'string') defineValue(made, 'stack', stack);
        return made;
      },
      (made: object) => {
        if (cause !== undefined) defineValue(made, 'cause', build(causeNode));
      },
    );
    this.#keep(value, node);
    if (cause !== undefined) causeNode = this.read((value as { cause?: unknown }).cause);
    return node;
  }
}

const refuse = (what: string): object => errorFrom('DataCloneError', `structuredClone: ${what} cannot be cloned`);

/** Promises, WeakMaps, generators, Request … have a prototype with a tag that is a constant. Own tags, and those of
 * classes of the guest, say nothing. */
const refusePlatformObject = (value: object): void => {
  for (let proto = ObjectGetPrototypeOf(value) as object | null; proto !== null; ) {
    const tag = ReflectGetOwnPropertyDescriptor(proto, SymbolToStringTag);
    if (tag !== undefined && typeof tag.value === 'string' && tag.writable === false) throw refuse(`a ${tag.value}`);
    proto = ObjectGetPrototypeOf(proto) as object | null;
  }
};

const holds = (read: (value: unknown) => unknown, value: object): boolean => {
  try {
    read(value);
    return true;
  } catch {
    return false;
  }
};

const ownText = (value: object, name: string): string | undefined => {
  const found = ReflectGetOwnPropertyDescriptor(value, name);
  return found === undefined || !('value' in found) ? undefined : String(found.value);
};

/** Plain assignment would call setters that a guest put on `Object.prototype`. */
const put = (target: Record<string, unknown>, name: string, value: unknown): void => {
  if (name in target) defineValue(target, name, value, 'member');
  else target[name] = value;
};

type ViewConstructor = new (buffer: ArrayBuffer, start: number, length: number) => ArrayBufferView;

/** By the name that a typed array says it has. Float16Array exists in contexts only, not while a snapshot is made. */
const constructorOf = (name: string): ViewConstructor => {
  const known = KINDS[name] ?? (globalThis as unknown as Record<string, ViewConstructor>)[name];
  return known as ViewConstructor;
};

const KINDS = {
  __proto__: null,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
} as unknown as Record<string, ViewConstructor>;
