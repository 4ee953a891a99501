// What Web IDL asks of every interface: the attributes of its members. Runs while the bundle is evaluated or when a lazy
// interface is touched for the first time. Iterators: `pair-iterator.ts`; checks of arguments: `arguments.ts`.

import { ObjectDefineProperty, ReflectOwnKeys, SymbolToStringTag } from '../primordials.ts';

type Constructor = (abstract new (...args: never[]) => object) & { name: string };

/** Makes the members of a class enumerable, as those of an interface are, and gives its prototype a tag. */
export function defineInterface(constructor: Constructor, name: string): void {
  const { prototype } = constructor;
  enumerable(prototype);
  enumerable(constructor);
  // only where a bundler has renamed it: a class of which a property is defined anew takes half a kilobyte more
  if (constructor.name !== name) {
    ObjectDefineProperty(constructor, 'name', { __proto__: null, value: name } as PropertyDescriptor);
  }
  ObjectDefineProperty(prototype, SymbolToStringTag, {
    __proto__: null,
    value: name,
    configurable: true,
  } as PropertyDescriptor);
}

/** Makes members enumerable. */
export function enumerable(target: object): void {
  const keys = ReflectOwnKeys(target);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string | symbol;
    if (typeof key === 'symbol' || key === 'constructor' || key === 'prototype' || key === 'name' || key === 'length') {
      continue;
    }
    ObjectDefineProperty(target, key, { __proto__: null, enumerable: true } as PropertyDescriptor);
  }
}
