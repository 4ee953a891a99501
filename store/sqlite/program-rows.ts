// The tables `programs` and `traffic_changes`: synchronous, each row checked as it is read. Whoever calls from
// outside a transaction reads what is committed; changes are made inside a job of the writer.

import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { type Field, isRowSha256, rowSha256 } from '../check.ts';
import { STORE_LIMITS } from '../limits.ts';
import type { ProgramRecord, Traffic, TrafficChange } from '../store.ts';
import { damaged } from './failures.ts';
import { readRows } from './read-rows.ts';

/** A program with the id that other tables know it by. */
export interface ProgramRow extends ProgramRecord {
  id: number;
}

type Row = Record<string, SQLOutputValue>;

const COLUMNS = 'id, name, created_at, revision, traffic, sha256';

export class ProgramRows {
  readonly #file: string;
  readonly #byName: StatementSync;
  readonly #byScan: StatementSync;
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #insertChange: StatementSync;
  readonly #forgetChanges: StatementSync;
  readonly #changes: StatementSync;

  constructor(database: DatabaseSync, file: string) {
    this.#file = file;
    this.#byName = database.prepare(`SELECT ${COLUMNS} FROM programs WHERE name = ?`);
    this.#byScan = database.prepare('SELECT id FROM programs NOT INDEXED WHERE name = ?');
    this.#all = database.prepare(`SELECT ${COLUMNS} FROM programs NOT INDEXED`);
    this.#insert = database.prepare(
      `INSERT INTO programs (name, created_at, revision, traffic, sha256) VALUES (?, ?, 0, '{}', ?)`,
    );
    this.#update = database.prepare('UPDATE programs SET revision = ?, traffic = ?, sha256 = ? WHERE id = ?');
    this.#delete = database.prepare('DELETE FROM programs WHERE id = ?');
    this.#insertChange = database.prepare(
      'INSERT INTO traffic_changes (program_id, revision, traffic, changed_at, sha256) VALUES (?, ?, ?, ?, ?)',
    );
    this.#forgetChanges = database.prepare('DELETE FROM traffic_changes WHERE program_id = ? AND revision <= ?');
    this.#changes = database.prepare(
      `SELECT id, revision, traffic, changed_at, sha256 FROM traffic_changes
       WHERE program_id = ? ORDER BY revision DESC LIMIT ?`,
    );
  }

  /** @throws `store_unusable` when the row is damaged, or there but not in the index */
  find(name: string): ProgramRow | undefined {
    const [row] = readRows(this.#byName, this.#file, 'programs', name);
    if (row !== undefined) return this.#check(row);
    const [unindexed] = readRows(this.#byScan, this.#file, 'programs', name);
    if (unindexed === undefined) return undefined;
    throw damaged(this.#file, 'programs', String(unindexed['id']), 'the index does not know it');
  }

  /** By name. */
  list(): ProgramRow[] {
    const programs = readRows(this.#all, this.#file, 'programs').map((row) => this.#check(row));
    return programs.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  insert(name: string, createdAt: number): ProgramRow {
    const { lastInsertRowid } = this.#insert.run(name, createdAt, rowSha256('programs', name, createdAt, 0, '{}'));
    return { id: Number(lastInsertRowid), name, createdAt, revision: 0, traffic: {} };
  }

  /** Sets the traffic and notes the change. */
  setTraffic({ id, name, createdAt, revision: last }: ProgramRow, traffic: Traffic, changedAt: number): ProgramRow {
    const revision = last + 1;
    const text = trafficText(traffic);
    this.#update.run(revision, text, rowSha256('programs', name, createdAt, revision, text), id);
    const sha256 = rowSha256('traffic_changes', name, revision, text, changedAt);
    this.#insertChange.run(id, revision, text, changedAt, sha256);
    this.#forgetChanges.run(id, revision - STORE_LIMITS.trafficChangesMax);
    return { id, name, createdAt, revision, traffic: parseTraffic(text) };
  }

  /** Newest first. The revisions have no gap: one that is not there was lost, and is noticed. */
  changes({ id, name, revision: newest }: ProgramRow, limit: number): TrafficChange[] {
    const wanted = Math.min(limit, newest, STORE_LIMITS.trafficChangesMax);
    const rows = readRows(this.#changes, this.#file, 'traffic_changes', id, wanted);
    if (rows.length !== wanted) {
      throw damaged(this.#file, 'traffic_changes', name, `${wanted} changes must be there: got ${rows.length}`);
    }
    return rows.map((row, index) => {
      const { revision, traffic, changed_at: changedAt, sha256 } = row as Record<string, Field>;
      if (
        revision !== newest - index ||
        !isRowSha256(sha256, 'traffic_changes', name, revision, traffic!, changedAt!)
      ) {
        throw damaged(this.#file, 'traffic_changes', String(row['id']), 'its sha256 is another one');
      }
      return { revision, traffic: parseTraffic(traffic as string), changedAt: changedAt as number };
    });
  }

  /** Versions and changes go with it. */
  delete({ id }: ProgramRow): void {
    this.#delete.run(id);
  }

  #check(row: Row): ProgramRow {
    const { id, name, created_at: createdAt, revision, traffic, sha256 } = row as Record<string, Field>;
    if (!isRowSha256(sha256, 'programs', name!, createdAt!, revision!, traffic!)) {
      throw damaged(this.#file, 'programs', String(id), 'its sha256 is another one');
    }
    return {
      id: id as number,
      name: name as string,
      createdAt: createdAt as number,
      revision: revision as number,
      traffic: parseTraffic(traffic as string),
    };
  }
}

/** One text for one traffic, whatever order its versions came in. */
function trafficText(traffic: Traffic): string {
  return JSON.stringify(Object.fromEntries(Object.entries(traffic).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function parseTraffic(text: string): Traffic {
  return Object.freeze(JSON.parse(text) as Traffic);
}
