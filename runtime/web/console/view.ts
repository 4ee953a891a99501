// What `console.log` shows of an object of the platform: its state is private, and there is no property by which a
// guest could reach it. Each module whose objects are shown leaves a function here when it runs. Lazy.
import { ArrayPrototypePush } from '../primordials.ts';

/** A name, and a value or another view. Names of `pairs` are data, those of others are ours. */
export interface View {
  readonly name: string;
  readonly kind: 'members' | 'pairs';
  readonly rows: readonly Row[];
}

export type Row = readonly [name: string, value: unknown] | readonly [name: string, value: undefined, view: View];

/** Gives undefined for objects of other kinds. Runs no code of the guest. */
export type Viewer = (value: object) => View | undefined;

const viewers: Viewer[] = [];

export const addViewer = (viewer: Viewer): void => {
  ArrayPrototypePush(viewers, viewer);
};

/** The view that some module has of it. */
export const viewFrom = (value: object): View | undefined => {
  for (let i = 0; i < viewers.length; i++) {
    const view = viewers[i]!(value);
    if (view !== undefined) return view;
  }
  return undefined;
};

/** Of a flat list of names and values in turn. */
export const pairsView = (name: string, list: readonly string[]): View => {
  const rows: Row[] = [];
  for (let i = 0; i + 1 < list.length; i += 2) ArrayPrototypePush(rows, [list[i]!, list[i + 1]] as const);
  return { name, kind: 'pairs', rows };
};
