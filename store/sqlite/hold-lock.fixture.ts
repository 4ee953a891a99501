// Another process that holds the database, as a backup script or a person with a shell would: begins a transaction,
// says so, and ends with its standard input. Started as `node hold-lock.fixture.ts <database>`.

import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2]!);
database.exec('BEGIN IMMEDIATE');
writeSync(1, 'held\n');
process.stdin.on('end', () => database.close()).resume();
