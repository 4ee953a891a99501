// Properties by their attributes, and what a lazy module is. What exists when the snapshot is taken is paid for again in
// every context, so only what every request needs is built at the top level of the bundle.
//
// Lazy modules are ordinary modules with ordinary exports. What makes one lazy is how it is imported: always as
//
//     import * as lazyStreams from './streams.ts';      // the name begins with `lazy`
//     … lazyStreams.ReadableStream …                    // used only as `lazyX.name`, only inside functions
//
// In plain Node (tests) this is an ordinary import. In the bundle (`../javascript/bundle-text.ts`) such a module is
// wrapped into a function that runs when the first `lazyX.name` is evaluated. A module that is also imported in any
// other way by an eager module is eager. The top level of lazy modules runs after guest code may have changed every
// builtin: use `primordials.ts` there too. With `once` in the place of `lazy` nothing is kept of the module once it has
// run: for what only boots a context.
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

/** Removes static methods by which a module reached private fields of its class, once it has taken them. */
export function dropStatics(constructor: object, names: readonly string[]): void {
  for (let i = 0; i < names.length; i++) ReflectDeleteProperty(constructor, names[i]!);
}
