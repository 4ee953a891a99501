import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DataFolder } from './data-folder.ts';

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tine-data-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const mode = (path: string) => statSync(path).mode & 0o777;
const server = { controlUrl: 'http://a', dataUrl: 'http://b', pid: 1 };

test('new DataFolder() makes the folder, for its owner only', (t) => {
  const path = join(folder(t), 'deep', 'data');
  new DataFolder(path);
  t.is(mode(path), 0o700);
});

test('token() is made once, long, different for each name, for its owner only', (t) => {
  const path = folder(t);
  const token = new DataFolder(path).token('token');
  t.true(token.length >= 43);
  t.is(new DataFolder(path).token('token'), token);
  t.not(new DataFolder(path).token('debug-token'), token);
  t.is(mode(join(path, 'token')), 0o600);
  t.deepEqual(readdirSync(path).toSorted(), ['debug-token', 'token'], 'nothing half written is left');
});

test('token() mends the mode of a file that others can read, and says so (U07)', (t) => {
  const path = folder(t);
  for (const [at, bits] of [0o644, 0o640, 0o604, 0o666].entries()) {
    writeFileSync(join(path, 'token'), 'known\n');
    chmodSync(join(path, 'token'), bits);
    const data = new DataFolder(path);
    t.is(data.token('token'), 'known', String(at));
    t.is(mode(join(path, 'token')), 0o600);
    t.is(data.mended.length, 1);
    t.false(data.mended[0]!.includes('known'));
  }
  t.deepEqual(new DataFolder(path).mended, []);
});

test('token() replaces an empty file', (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'token'), ' \n');
  t.true(new DataFolder(path).token('token').length >= 43);
});

test('announce() writes where the server is, withdraw() takes it away', (t) => {
  const path = folder(t);
  const data = new DataFolder(path);
  data.announce(server);
  t.deepEqual(JSON.parse(readFileSync(join(path, 'server.json'), 'utf8')), server);
  t.is(mode(join(path, 'server.json')), 0o600);
  data.withdraw();
  t.false(existsSync(join(path, 'server.json')));
});

test('withdraw() leaves the address of another server in the folder alone', (t) => {
  const path = folder(t);
  new DataFolder(path).announce(server);
  new DataFolder(path).withdraw();
  t.true(existsSync(join(path, 'server.json')));
});
