// What the supervisor tells the ingress: programs with their traffic, and settings. Plain data, sent over the channel.
import type { Layer2, ProgramConfig } from '#sandbox';
import type { Settings } from '../config/settings.ts';

export interface PublishedProgram {
  name: string;
  /** Of the traffic; an older one than the ingress has is ignored. */
  revision: number;
  /** Percent by version. */
  traffic: Readonly<Record<string, number>>;
  /** Configuration by version, for all versions of the traffic but those that are damaged. */
  configs: Readonly<Record<string, ProgramConfig>>;
}

/** First message to a new ingress. */
export interface IngressStart {
  settings: Settings;
  /** The port to take: the one of the ingress before, when that died. */
  port: number;
  debugToken: string;
  layer2: Layer2;
  /** The script of an executor, in a folder that executors may read. */
  executorScript: string;
  programs: PublishedProgram[];
  /** What `tine dev` shows to clients. */
  errors: 'plain' | 'full';
}

/** Questions of the ingress to the supervisor. */
export interface VersionQuestion {
  program: string;
  /** Full, or its first digits. */
  version: string;
}

export interface VersionAnswer {
  version: string;
  config: ProgramConfig;
}

export interface IngressHealth {
  permitsInUse: number;
  queued: number;
  executors: { pid: number; state: string; rssBytes: number; runs: number; contexts: number; warm: number }[];
}
