import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { codeOf } from '#sandbox';
import { TokenGate } from './token.ts';

const TOKEN = 'the-right-token';

/** A request with this header, from this address. */
function from(address: string | undefined, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  return { headers, socket: { remoteAddress: address } } as unknown as Parameters<TokenGate['check']>[0];
}

function codeFor(gate: TokenGate, authorization?: string, address: string | undefined = '10.0.0.1'): Promise<string> {
  return gate.check(from(address, authorization)).then(
    () => 'let in',
    (error) => codeOf(error),
  );
}

test('TokenGate.check() lets the token in, and the scheme is in any case', async (t) => {
  const gate = new TokenGate(TOKEN);
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) t.is(await codeFor(gate, `${scheme} ${TOKEN}`), 'let in');
});

test('TokenGate.check() ends anything else with unauthorized', async (t) => {
  const gate = new TokenGate(TOKEN);
  for (const authorization of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer  ${TOKEN}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN}x`,
    'Bearer undefined',
  ]) {
    t.is(await codeFor(gate, authorization), 'unauthorized', authorization);
  }
});

test('TokenGate.check(): an empty token is never the one', async (t) => {
  const gate = new TokenGate(TOKEN);
  t.is(await codeFor(gate, 'Bearer '), 'unauthorized');
});

test('TokenGate.check() ends the 21st wrong guess of an address with rate_limited, and no other address (U05)', async (t) => {
  const gate = new TokenGate(TOKEN);
  for (let guess = 1; guess <= 20; guess++) {
    t.is(await codeFor(gate, `Bearer ${guess}`), 'unauthorized', `guess ${guess}`);
  }
  t.is(await codeFor(gate, 'Bearer 21'), 'rate_limited');
  t.is(await codeFor(gate, undefined), 'rate_limited', 'none at all is a guess too');
  t.is(await codeFor(gate, 'Bearer 1', '10.0.0.2'), 'unauthorized');
});

test('TokenGate.check() lets the token in behind an address that has guessed wrong too often', async (t) => {
  const gate = new TokenGate(TOKEN);
  await Promise.all(Array.from({ length: 50 }, (_, n) => codeFor(gate, `Bearer ${n}`)));
  t.is(await codeFor(gate, 'Bearer x'), 'rate_limited');
  t.is(await codeFor(gate, `Bearer ${TOKEN}`), 'let in');
});

test('TokenGate.check(): guesses at once are counted as those one after the other', async (t) => {
  const gate = new TokenGate(TOKEN);
  const codes = await Promise.all(Array.from({ length: 50 }, (_, n) => codeFor(gate, `Bearer ${n}`)));
  t.is(codes.filter((code) => code === 'unauthorized').length, 20);
  t.is(codes.filter((code) => code === 'rate_limited').length, 30);
});

test('TokenGate.check() counts the guesses of a socket that is gone already', async (t) => {
  const gate = new TokenGate(TOKEN);
  for (let guess = 0; guess < 20; guess++) await codeFor(gate, 'Bearer x', '');
  t.is(await gate.check(from(undefined, 'Bearer x')).catch(codeOf), 'rate_limited');
});

async function serve(t: ExecutionContext) {
  const gate = new TokenGate(TOKEN);
  const server = createServer(async (incoming, response) => {
    response.end(
      await gate.check(incoming).then(
        () => 'let in',
        (error) => codeOf(error),
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return (authorization: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', headers: { authorization }, agent: false }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(text);
      });
      sent.on('error', reject);
      sent.end();
    });
}

test('TokenGate.check() knows the address of a real connection, over many connections', async (t) => {
  const ask = await serve(t);
  t.is(await ask(`Bearer ${TOKEN}`), 'let in');
  for (let guess = 0; guess < 20; guess++) t.is(await ask('Bearer x'), 'unauthorized');
  t.is(await ask('Bearer x'), 'rate_limited');
  t.is(await ask(`Bearer ${TOKEN}`), 'let in');
});
