// The promises of the README: what is promised, the tests that hold tine to it, and what they do not show. A promise
// without a test may not stand here; `claims.ts` runs them and writes the table.

export interface Claim {
  promise: string;
  /** Test file, and what the titles of its tests begin with. */
  file: string;
  match?: string;
  doesNotProve: string;
}

export const CLAIMS: readonly Claim[] = [
  {
    promise: 'No request sees what another one left behind: 10,000 requests, 32 at a time, with awaits',
    file: 'e2e/isolation.test.ts',
    doesNotProve: 'side channels: timing, caches of the processor',
  },
  {
    promise: 'A guest that cannot be interrupted is ended, and the next request of another program is fine',
    file: 'e2e/hazards/throwing.test.ts',
    doesNotProve: 'that nothing of it is slower meanwhile: it shares cores',
  },
  {
    promise: 'Every limit of a program is enforced, by default and as set',
    file: 'e2e/hazards/limits.test.ts',
    doesNotProve: 'limits to the millisecond or the byte of memory',
  },
  {
    promise: 'Memory attacks end their own request and executor only',
    file: 'e2e/hazards/memory.test.ts',
    doesNotProve: 'attacks that nobody has written down yet',
  },
  {
    promise: 'A bad upload is refused with its place, or served without a snapshot, and the old version serves on',
    file: 'e2e/hazards/poison.test.ts',
    doesNotProve: 'constructs of V8 versions to come',
  },
  {
    promise: 'No acknowledged deploy is lost when everything is killed with -9',
    file: 'e2e/restart.test.ts',
    doesNotProve: 'power loss, a disk that lies',
  },
  {
    promise: 'No acknowledged row of the store is lost when its process is killed with -9',
    file: 'store/sqlite/kill.test.ts',
    doesNotProve: 'power loss, a disk that lies',
  },
  {
    promise: 'A flipped bit in the store is noticed, or changes no answer',
    file: 'store/sqlite/bit-flips.test.ts',
    doesNotProve: 'somebody who changes row and hash together',
  },
  {
    promise: 'A damaged template is never loaded',
    file: 'sandbox/template/cache.test.ts',
    doesNotProve: 'that V8 would have noticed: it does not',
  },
  {
    promise: 'SIGTERM under load fails no accepted request and leaves no process',
    file: 'e2e/shutdown.test.ts',
    doesNotProve: 'requests that take longer than the time to drain',
  },
  {
    promise: 'Running guests never pass the number of permits, whatever clients do',
    file: 'e2e/permits.test.ts',
    doesNotProve: 'fairness between programs to the request',
  },
  {
    promise: 'A guest reaches no private address: literal, by name, by redirect, by rebinding',
    file: 'sandbox/ops/fetch-address.test.ts',
    doesNotProve: 'public addresses of the machine itself',
  },
  {
    promise: 'Malformed HTTP gets one answer and at most one run',
    file: 'e2e/hazards/raw-http.test.ts',
    doesNotProve: 'proxies in front that read it another way',
  },
];
