import test from 'ava';
import { differs, runTable } from '../wpt/table.ts';
import expected from '../wpt/toascii.expected.json' with { type: 'json' };
import table from '../wpt/toascii.json' with { type: 'json' };
import { URL } from './url.ts';

interface ToAsciiCase {
  comment?: string;
  input: string;
  output: string | null;
}

test('the host of a URL passes toascii.json', (t) => {
  const items = (table as (string | ToAsciiCase)[]).filter((item) => typeof item !== 'string');
  const cases = items.map(({ input, output }) => ({
    name: JSON.stringify(input),
    run: () => {
      const url = URL.parse(`https://${input}/x`);
      if (output === null) return url === null ? undefined : `gives ${url.host}`;
      if (url === null) return 'gives no URL';
      const set = new URL('https://x/x');
      set.host = input;
      return differs('host', url.host, output) ?? differs('host set', set.host, output);
    },
  }));
  runTable(t, cases, expected);
});
