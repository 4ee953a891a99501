// `Proxy` that remembers what it made: nothing else in the language tells a proxy from an object, and `structuredClone`
// has to refuse proxies. Lazy: as long as nobody has touched the name, there is no proxy.
import { brands } from './fetch/brands.ts';
import { defineConstant, defineValue } from './lazy.ts';
import {
  FunctionPrototypeBind,
  NativeProxy,
  ReflectConstruct,
  TypeError,
  WeakSet,
  WeakSetPrototypeAdd,
  WeakSetPrototypeHas,
} from './primordials.ts';

const made: WeakSet<object> = new WeakSet();
brands.isProxy = (value) => WeakSetPrototypeHas(made, value);

const remember = <T extends object>(proxy: T): T => {
  WeakSetPrototypeAdd(made, proxy);
  return proxy;
};

const construct = function (this: unknown, target: object, handler: object): object {
  if (new.target === undefined) throw new TypeError("Constructor Proxy requires 'new'");
  return remember(ReflectConstruct(NativeProxy, [target, handler]) as object);
};

const { revocable } = NativeProxy;
const methods = {
  revocable(target: object, handler: object): { proxy: object; revoke: () => void } {
    const pair = revocable(target, handler);
    remember(pair.proxy);
    return pair;
  },
};

/** Bound, as a bound function is a constructor without `prototype`, and so is the builtin. */
export const Proxy: object = FunctionPrototypeBind(construct, undefined);
defineConstant(Proxy, 'name', 'Proxy', 'hidden');
defineValue(Proxy, 'revocable', methods.revocable);
