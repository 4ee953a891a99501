// Views of the objects that every request has, and of those that other modules know (`view.ts`). Lazy.
import { awake } from '../awake.ts';
import type { RequestState } from '../fetch/request-state.ts';
import type { ResponseState } from '../fetch/response-state.ts';
import { StringPrototypeToLowerCase } from '../primordials.ts';
import { pairsView, type Row, type View, viewFrom } from './view.ts';

export const viewOf = (value: object): View | undefined => {
  const inside = awake.insideOf(value);
  if (inside === undefined) return viewFrom(value);
  return 'method' in inside ? requestView(inside) : responseView(inside);
};

const requestView = (state: RequestState): View => ({
  name: 'Request',
  kind: 'members',
  rows: [['method', state.method], ['url', state.url], headersRow(state.list ?? loweredNames(state.flat ?? []))],
});

const responseView = (state: ResponseState): View => ({
  name: 'Response',
  kind: 'members',
  rows: [['status', state.status], ['statusText', state.statusText], headersRow(state.list)],
});

const headersRow = (list: readonly string[]): Row => ['headers', undefined, pairsView('Headers', list)];

const loweredNames = (flat: readonly string[]): string[] => {
  const list: string[] = [];
  for (let i = 0; i < flat.length; i++) list[i] = i % 2 === 0 ? StringPrototypeToLowerCase(flat[i]!) : flat[i]!;
  return list;
};
