// Runs a reading statement, and says in the store's words when SQLite or Node could not make sense of what they
// read: a malformed page, an integer beyond 2 ** 53. Such a thing is damage of that table; a lock is not.

import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { damaged, isBusy } from './failures.ts';

/** All rows of a statement. @throws `store_unusable` naming file and table; a busy error of SQLite as it is */
export function readRows(
  statement: StatementSync,
  file: string,
  table: string,
  ...values: readonly SQLInputValue[]
): Record<string, SQLOutputValue>[] {
  try {
    return statement.all(...values);
  } catch (error) {
    if (isBusy(error)) throw error;
    throw damaged(file, table, values.join(' ') || 'any', error instanceof Error ? error.message : String(error));
  }
}
