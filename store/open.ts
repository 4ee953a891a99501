// The door to every engine: a configuration in, an open store out. What an engine needs to be opened is its own
// business; this file only picks it by its name.

import { openSqlite } from './sqlite/open.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  engine: 'sqlite';
  /** The data folder. The engine keeps its files in `<folder>/store/` and touches nothing else. */
  folder: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** Opens the store of a data folder, and makes it when the folder is new.
 * @throws StoreError `store_busy` when another process holds the folder (`details.pid`), `store_unusable` when what is
 * there cannot be trusted (`details.file`); nothing is written in either case. `no_space` */
export async function openStore({ engine, ...options }: StoreOptions): Promise<Store> {
  switch (engine) {
    case 'sqlite':
      return openSqlite(options);
    default:
      throw new RangeError(
        `Cannot open the store as engine must be "sqlite": got ${JSON.stringify(engine satisfies never)}`,
      );
  }
}
