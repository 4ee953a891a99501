// The bundle of JavaScript programs: the web platform and nothing else. `bundle-text.ts` makes one script of it whose
// value is the host function.
export { host as default } from '../web/host.ts';
