// Several observers as one.
import { Observer } from '#sandbox';

/** Each event goes to all of them, in order. */
export function several(observers: readonly Observer[]): Observer {
  const all = new Observer();
  for (const name of Object.getOwnPropertyNames(Observer.prototype) as (keyof Observer)[]) {
    if ((name as string) === 'constructor') continue;
    // An observer that has nothing to do with an event keeps the empty body.
    const interested = observers.filter((observer) => observer[name] !== Observer.prototype[name]);
    Object.defineProperty(all, name, {
      value: (...args: unknown[]) => {
        for (const observer of interested) (observer[name] as (...args: unknown[]) => void)(...args);
      },
    });
  }
  return all;
}
