import test from 'ava';
import { StoreError } from '../store.ts';
import { damaged, isBusy, isSyncFailure, toStoreError } from './failures.ts';

const sqlite = (errcode: number) => Object.assign(new Error('as SQLite says'), { code: 'ERR_SQLITE_ERROR', errcode });
const system = (code: string) => Object.assign(new Error(`${code}: as the system says`), { code });

test('toStoreError() knows the ways in which a disk is full: no_space', (t) => {
  for (const error of [sqlite(13), sqlite(778), sqlite(4874), system('ENOSPC'), system('EDQUOT'), system('EFBIG')]) {
    t.is(toStoreError(error, 'f').code, 'no_space', error.message);
  }
});

test('toStoreError() knows a lock in all its forms: store_busy', (t) => {
  for (const errcode of [5, 6, 261, 262, 517]) {
    t.true(isBusy(sqlite(errcode)));
    t.is(toStoreError(sqlite(errcode), 'f').code, 'store_busy');
  }
});

test('toStoreError() takes everything else for store_unusable, and names the file', (t) => {
  for (const error of [
    sqlite(11),
    sqlite(26),
    sqlite(14),
    sqlite(1034),
    system('EACCES'),
    new TypeError('x'),
    'text',
    null,
  ]) {
    const { code, message, details, cause } = toStoreError(error, '/data/store.db');
    t.is(code, 'store_unusable');
    t.true(message.includes('/data/store.db'));
    t.deepEqual(details, { file: '/data/store.db' });
    t.is(cause, error);
  }
});

test('toStoreError() leaves a StoreError what it is', (t) => {
  const error = new StoreError('not_found', 'x');
  t.is(toStoreError(error, 'f'), error);
});

test('isSyncFailure() is for a failed fsync only', (t) => {
  t.true(isSyncFailure(sqlite(1034)));
  t.true(isSyncFailure(sqlite(1290)));
  for (const error of [sqlite(10), sqlite(778), sqlite(13), new Error('x'), undefined]) t.false(isSyncFailure(error));
});

test('damaged() names file, table and row', (t) => {
  const error = damaged('f', 'programs', 7, 'its sha256 is another one');
  t.deepEqual(error.details, { file: 'f', table: 'programs', row: 7 });
  t.is(error.message, 'Cannot trust f, table programs, row 7: its sha256 is another one');
});
