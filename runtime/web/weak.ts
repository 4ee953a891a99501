// `WeakRef` that never lets go and `FinalizationRegistry` that never calls back. The language allows both; collection
// would be visible to the guest otherwise, callbacks would run outside any timed call. Lazy.
import { defineConstant } from './lazy.ts';
import { isObject, SymbolToStringTag, TypeError } from './primordials.ts';

export class WeakRef {
  readonly #target: unknown;

  constructor(target: unknown) {
    if (!canBeHeldWeakly(target)) throw new TypeError('WeakRef: the target must be an object or a symbol');
    this.#target = target;
  }

  deref(): unknown {
    return this.#target;
  }
}

export class FinalizationRegistry {
  readonly #brand = true;

  constructor(cleanup: unknown) {
    if (typeof cleanup !== 'function') throw new TypeError('FinalizationRegistry: cleanup must be a function');
  }

  register(target: unknown, held: unknown, _token?: unknown): void {
    if (!this.#brand || !canBeHeldWeakly(target)) {
      throw new TypeError('FinalizationRegistry.register(): the target must be an object or a symbol');
    }
    if (target === held) throw new TypeError('FinalizationRegistry.register(): target and held value must differ');
  }

  unregister(token: unknown): boolean {
    if (!this.#brand || !canBeHeldWeakly(token)) {
      throw new TypeError('FinalizationRegistry.unregister(): the token must be an object or a symbol');
    }
    return false;
  }
}

const canBeHeldWeakly = (value: unknown): boolean => isObject(value) || typeof value === 'symbol';

defineConstant(WeakRef.prototype, SymbolToStringTag, 'WeakRef', 'hidden');
defineConstant(FinalizationRegistry.prototype, SymbolToStringTag, 'FinalizationRegistry', 'hidden');
