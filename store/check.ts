// The sha256 of a row: what is stored beside it and compared when it is read. SQLite's own checks find about one
// in twenty flipped bits; this finds the rest. Fields are framed by type and length, so that no two different rows
// have the same text to hash, and the name of the table is a field, so that a row is not valid in another table.
// Not a seal: whoever can write the file can write the hash as well.

import { createHash } from 'node:crypto';

export type Field = string | number | bigint | null | Uint8Array;

/** The sha256 of a row, 32 bytes. */
export function rowSha256(table: string, ...fields: readonly Field[]): Buffer {
  const hash = createHash('sha256');
  for (const field of [table, ...fields]) {
    const bytes = field instanceof Uint8Array ? field : Buffer.from(String(field), 'utf8');
    hash.update(`${kindOf(field)}${bytes.byteLength}:`);
    hash.update(bytes);
  }
  return hash.digest();
}

/** Whether `found`, as read from a row, is the hash of its fields. */
export function isRowSha256(found: unknown, table: string, ...fields: readonly Field[]): boolean {
  return found instanceof Uint8Array && rowSha256(table, ...fields).equals(found);
}

function kindOf(field: Field): string {
  if (field instanceof Uint8Array) return 'b';
  if (field === null) return 'z';
  return typeof field === 'string' ? 's' : 'n';
}
