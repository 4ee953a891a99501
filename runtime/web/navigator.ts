// `navigator`: the one member that the minimum common API asks for. Lazy.
import { defineInterface } from './fetch/interface.ts';
import { TypeError } from './primordials.ts';

let building = true;

export class Navigator {
  constructor() {
    if (!building) throw new TypeError('Illegal constructor');
  }

  get userAgent(): string {
    return 'tine';
  }
}

defineInterface(Navigator, 'Navigator');
export const navigator: Navigator = new Navigator();
building = false;
