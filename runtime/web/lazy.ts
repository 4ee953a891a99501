// Lazy names. What exists when the snapshot is taken is paid for again in every context, so only hot names are built
// at the top level of the bundle; the rest is built by a getter on first touch, which then steps aside.
//
// Lazy modules are ordinary modules with ordinary exports. What makes one lazy is how it is imported: always as
//
//     import * as lazyStreams from './streams.ts';      // the name begins with `lazy`
//     … lazyStreams.ReadableStream …                    // used only as `lazyX.name`, only inside functions
//
// In plain Node (tests) this is an ordinary import. In the bundle (`../javascript/bundle-text.ts`) such a module is
// wrapped into a function that runs when the first `lazyX.name` is evaluated. A module that is also imported in any
// other way by an eager module is eager. Function declarations of lazy modules are hoisted out of the wrapper (88
// bytes each in every context): prefer `const f = () => …` or classes there. Their top level runs after guest code
// may have changed every builtin: use `primordials.ts` there too.
import { ObjectDefineProperty, ReflectDeleteProperty } from './primordials.ts';

/** Attributes of what is installed: an interface object is not enumerable, a member of the global (`fetch`) is. */
export type GlobalKind = 'interface' | 'member';

/** Defines `target[name]` as a data property, writable and configurable. */
export function defineValue(target: object, name: PropertyKey, value: unknown, kind: GlobalKind = 'interface'): void {
  ObjectDefineProperty(target, name, {
    // @ts-expect-error TypeScript does not know the null prototype: it keeps `get` of a polluted prototype out
    __proto__: null,
    value,
    writable: true,
    enumerable: kind === 'member',
    configurable: true,
  });
}

/** Defines `target[name]` as a data property that cannot be written. */
export function defineConstant(
  target: object,
  name: PropertyKey,
  value: unknown,
  kind: 'enumerable' | 'hidden' | 'fixed',
): void {
  ObjectDefineProperty(target, name, {
    // @ts-expect-error see defineValue
    __proto__: null,
    value,
    writable: false,
    enumerable: kind === 'enumerable',
    configurable: kind === 'hidden',
  });
}

/** Defines names that are built on first touch: `build(name)` gives the value, which then replaces the getter.
 * Assigning to such a name replaces it without building. */
export function defineLazy(
  target: object,
  names: readonly string[],
  build: (name: string) => unknown,
  kind: GlobalKind = 'interface',
): void {
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    // getter and setter in one, as each function costs in every context: a setter is called with an argument
    const touch = (...given: unknown[]) => {
      const value = given.length === 0 ? build(name) : given[0];
      defineValue(target, name, value, kind);
      return value;
    };
    ObjectDefineProperty(target, name, {
      // @ts-expect-error see defineValue
      __proto__: null,
      get: touch,
      set: touch,
      enumerable: kind === 'member',
      configurable: true,
    });
  }
}

/** Removes static methods by which a module reached private fields of its class, once it has taken them. */
export function dropStatics(constructor: object, names: readonly string[]): void {
  for (let i = 0; i < names.length; i++) ReflectDeleteProperty(constructor, names[i]!);
}
