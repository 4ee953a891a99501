// The tables `versions` and `bodies`: synchronous, each row checked as it is read. A damaged version is
// `corrupt_version` and concerns nobody else: the store goes on, and the same upload makes it whole.

import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { type Field, isRowSha256, rowSha256 } from '../check.ts';
import { STORE_LIMITS } from '../limits.ts';
import { StoreError, type VersionRecord, type VersionSummary } from '../store.ts';
import type { ProgramRow } from './program-rows.ts';
import { readRows } from './read-rows.ts';

type Row = Record<string, SQLOutputValue>;
type Body = Pick<VersionRecord, 'config' | 'modules'>;

interface Head extends VersionSummary {
  id: number;
  bodySha256: Uint8Array;
}

const COLUMNS = 'id, version, language, created_at, source_bytes, body_sha256, sha256';

export class VersionRows {
  readonly #file: string;
  readonly #byVersion: StatementSync;
  readonly #byScan: StatementSync;
  readonly #byId: StatementSync;
  readonly #ofProgram: StatementSync;
  readonly #body: StatementSync;
  readonly #insert: StatementSync;
  readonly #restore: StatementSync;
  readonly #putBody: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync, file: string) {
    this.#file = file;
    this.#byVersion = database.prepare('SELECT id FROM versions WHERE program_id = ? AND version = ?');
    this.#byScan = database.prepare('SELECT id FROM versions NOT INDEXED WHERE program_id = ? AND version = ?');
    this.#byId = database.prepare(`SELECT ${COLUMNS} FROM versions WHERE id = ?`);
    this.#ofProgram = database.prepare(`SELECT ${COLUMNS} FROM versions WHERE program_id = ? ORDER BY id DESC`);
    this.#body = database.prepare('SELECT body FROM bodies WHERE version_id = ?');
    this.#insert = database.prepare(
      `INSERT INTO versions (program_id, version, language, created_at, source_bytes, body_sha256, sha256)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#restore = database.prepare(
      'UPDATE versions SET language = ?, created_at = ?, source_bytes = ?, body_sha256 = ?, sha256 = ? WHERE id = ?',
    );
    this.#delete = database.prepare('DELETE FROM versions WHERE program_id = ? AND version = ?');
    this.#putBody = database.prepare('INSERT OR REPLACE INTO bodies (version_id, body) VALUES (?, ?)');
  }

  /** Whether the program has this version, damaged or not. @throws `corrupt_version` when the index lost it */
  has(program: ProgramRow, version: string): boolean {
    return this.#idOf(program, version) !== undefined;
  }

  /** @throws `not_found`, `corrupt_version` */
  read(program: ProgramRow, version: string): VersionRecord {
    const id = this.#idOf(program, version);
    if (id === undefined) {
      const details = { program: program.name, version };
      throw new StoreError(
        'not_found',
        `Cannot read version ${version} of program "${program.name}": no such version`,
        {
          details,
        },
      );
    }
    const [row] = this.#rows(program, version, () => readRows(this.#byId, this.#file, 'versions', id));
    if (row === undefined) throw corrupt(program, version, `row ${id} of ${this.#file}, table versions, is not there`);
    const { bodySha256, language, createdAt } = this.#check(program, row);
    const [stored] = this.#rows(program, version, () => readRows(this.#body, this.#file, 'bodies', id));
    const body = stored?.['body'];
    if (!(body instanceof Uint8Array) || !isRowSha256(bodySha256, 'bodies', body)) {
      throw corrupt(program, version, `the sha256 of its source in ${this.#file}, row ${id}, is another one`);
    }
    return { program: program.name, version, language, createdAt, ...unpack(body) };
  }

  /** Newest first. @throws `corrupt_version` */
  list(program: ProgramRow): VersionSummary[] {
    const rows = this.#rows(program, 'any', () => readRows(this.#ofProgram, this.#file, 'versions', program.id));
    return rows.map((row) => {
      const { id: _, bodySha256: __, ...summary } = this.#check(program, row);
      return summary;
    });
  }

  /** @returns whether the version was new; one that is there and damaged is written again */
  put(program: ProgramRow, record: VersionRecord): boolean {
    const id = this.#idOf(program, record.version);
    if (id !== undefined && this.#isWhole(program, record.version)) return false;
    const body = pack(record);
    const bodySha256 = rowSha256('bodies', body);
    const sourceBytes = record.modules.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    const { version, language, createdAt } = record;
    const sha256 = rowSha256('versions', program.name, version, language, createdAt, sourceBytes, bodySha256);
    if (id === undefined) {
      const { lastInsertRowid } = this.#insert.run(
        program.id,
        version,
        language,
        createdAt,
        sourceBytes,
        bodySha256,
        sha256,
      );
      this.#putBody.run(lastInsertRowid, body);
      return true;
    }
    this.#restore.run(language, createdAt, sourceBytes, bodySha256, sha256, id);
    this.#putBody.run(id, body);
    return false;
  }

  delete(program: ProgramRow, version: string): void {
    this.#delete.run(program.id, version);
  }

  /** Looks past the index as well: a version must not go missing because of it. */
  #idOf(program: ProgramRow, version: string): number | undefined {
    const key = [program.id, version] as const;
    const [row] = this.#rows(program, version, () => readRows(this.#byVersion, this.#file, 'versions', ...key));
    if (row !== undefined) return row['id'] as number;
    const [unindexed] = this.#rows(program, version, () => readRows(this.#byScan, this.#file, 'versions', ...key));
    if (unindexed === undefined) return undefined;
    throw corrupt(program, version, `the index in ${this.#file} does not know its row ${unindexed['id']}`);
  }

  #isWhole(program: ProgramRow, version: string): boolean {
    try {
      this.read(program, version);
      return true;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'corrupt_version') return false;
      throw error;
    }
  }

  #check(program: ProgramRow, row: Row): Head {
    const fields = row as Record<string, Field>;
    const { id, version, language, created_at: createdAt, source_bytes: sourceBytes, body_sha256: bodySha256 } = fields;
    const hashed = [program.name, version!, language!, createdAt!, sourceBytes!, bodySha256!];
    if (!isRowSha256(fields['sha256'], 'versions', ...hashed)) {
      throw corrupt(program, String(version), `the sha256 of ${this.#file}, table versions, row ${id}, is another one`);
    }
    return {
      id: id as number,
      program: program.name,
      version: version as string,
      language: language as VersionRecord['language'],
      createdAt: createdAt as number,
      sourceBytes: sourceBytes as number,
      bodySha256: bodySha256 as Uint8Array,
    };
  }

  /** A page that cannot be read is damage of the version that was asked for. */
  #rows(program: ProgramRow, version: string, read: () => Row[]): Row[] {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw corrupt(program, version, error.message, error);
    }
  }
}

function corrupt(program: ProgramRow, version: string, what: string, cause?: unknown): StoreError {
  return new StoreError('corrupt_version', `Cannot use version ${version} of program "${program.name}" as ${what}`, {
    details: { program: program.name, version },
    cause,
  });
}

/** As JSON, since that keeps NUL and lone surrogates, which a TEXT column does not. */
function pack({ config, modules }: VersionRecord): Buffer {
  const body = Buffer.from(JSON.stringify({ config, modules: modules.map(({ path, text }) => ({ path, text })) }));
  if (body.byteLength <= STORE_LIMITS.bodyBytesMax) return body;
  const message = `Cannot store a version as its bytes must be <= ${STORE_LIMITS.bodyBytesMax}: got ${body.byteLength}`;
  throw new StoreError('bad_request', message);
}

function unpack(body: Uint8Array): Body {
  return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as Body;
}
