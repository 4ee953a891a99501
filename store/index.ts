// store: what must survive a crash. One interface; each engine is a folder.
export { openStore, type StoreOptions } from './open.ts';
export {
  type ProgramRecord,
  type SourceModule,
  type Store,
  StoreError,
  type StoreErrorCode,
  type Traffic,
  type TrafficChange,
  type VersionRecord,
  type VersionSummary,
} from './store.ts';
