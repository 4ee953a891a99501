// Builds the parts of an ingress and hands them down; answers the supervisor's questions.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { Registry as MetricsRegister } from 'prom-client';
import { Executors, GUEST_ENV, makePerformers, monotonicMs, type Observer, Permits, Quarantine } from '#sandbox';
import { Channel, type ChannelEnd } from '../channel.ts';
import { makeAlsContext } from '../context/als.ts';
import type { ShownBuildError } from '../dev/build-error.ts';
import { RequestBlocks } from '../dev/request-blocks.ts';
import { LogObserver } from '../observers/log.ts';
import { type Log, makeLog } from '../observers/logger.ts';
import { type Levels, MetricsObserver } from '../observers/metrics.ts';
import { several } from '../observers/several.ts';
import { accessLog } from './access-log.ts';
import { type AppParts, makeApp } from './app.ts';
import { DevPages } from './dev-pages.ts';
import type { IngressHealth, IngressStart, PublishedProgram, VersionAnswer } from './published.ts';
import { Registry } from './registry.ts';
import { makeServer, OpenSockets, stopAccepting } from './server.ts';
import { SourceMaps } from './source-maps.ts';
import { trustsAddresses } from './trusted.ts';

export interface IngressProcess extends ChannelEnd {
  readonly pid: number;
}

/** Serves until the channel to the supervisor closes. */
export function startIngress(parent: IngressProcess): void {
  let parts: Ingress | undefined;
  const started = () => {
    if (parts === undefined) throw new Error('the ingress was not started');
    return parts;
  };
  const channel = new Channel(parent, {
    start: async (start: IngressStart) => {
      parts = new Ingress(start, channel);
      return parts.listen(start);
    },
    publish: (program: PublishedProgram) => started().registry.publish(program),
    remove: (name: string) => started().registry.remove(name),
    metrics: () => started().metrics.text(),
    health: () => started().health(),
    drain: (drainMs: number) => started().drain(drainMs),
    showBuildError: (shown: ShownBuildError) => started().devPages?.show(shown),
  });
  // Executors are ended by the kernel when this process dies, and by their sockets; nothing is left to be tidied.
  parent.on('disconnect', () => {
    parts?.endNow();
    process.kill(parent.pid, 'SIGKILL');
  });
}

class Ingress {
  readonly registry: Registry;
  readonly metrics: MetricsObserver;
  /** `tine dev` only. */
  readonly devPages: DevPages | undefined;
  readonly #log: Log;
  readonly #permits: Permits;
  readonly #executors: Executors;
  readonly #server: ReturnType<typeof makeServer>;
  readonly #sockets: OpenSockets;
  #draining = false;

  constructor(start: IngressStart, channel: Channel) {
    const { settings, debugToken } = start;
    const context = makeAlsContext();
    this.#log = makeLog(settings, 'ingress', () => {
      const requestId = context.get('requestId');
      return requestId === undefined ? {} : { requestId };
    });
    const maps = new SourceMaps((question) => channel.ask('map', question));
    this.metrics = new MetricsObserver(new MetricsRegister(), () => this.#levels());
    const quarantine = new Quarantine(monotonicMs);
    this.devPages = start.errors === 'full' ? new DevPages(maps) : undefined;
    const blocks = start.errors === 'full' && this.#log.isPretty ? new RequestBlocks(maps) : undefined;
    const log =
      blocks ?? new LogObserver({ logger: this.#log.logger, mapStack: (run, stack) => maps.stack(run, stack) });
    const observer = several([this.metrics, log]);
    this.#permits = new Permits({ permitsMax: settings.permits });
    this.#executors = makeExecutors(start, observer, quarantine);
    this.registry = new Registry({
      permits: settings.permits,
      defaultProgram: settings.defaultProgram,
      template: (question) => channel.ask('template', question),
      findVersion: (question) => channel.ask<VersionAnswer | undefined>('version', question),
      onRetire: ({ runnable }) => this.#executors.retire(runnable),
      onProgram: (name, namespace) => {
        quarantine.forget(name);
        this.#executors.prepare(namespace);
      },
    });
    const appParts: AppParts = {
      registry: this.registry,
      invoke: {
        permits: this.#permits,
        executors: this.#executors,
        performers: makePerformers({ allowPrivate: settings.allowPrivate }),
        quarantine,
        observer,
      },
      context,
      trustsPeer: trustsAddresses(settings.trustedProxies),
      isDebugToken: (token) => sameToken(token, debugToken),
      isDraining: () => this.#draining,
      onAccess: blocks === undefined ? accessLog(this.#log.logger) : (access) => blocks.access(access),
      devPages: this.devPages,
    };
    const app = makeApp(appParts);
    app.on('error', (error) => this.#log.logger.error({ err: error }, 'a request failed inside tine'));
    this.#server = makeServer(app);
    this.#sockets = new OpenSockets(this.#server);
  }

  async listen({ settings, port, programs }: IngressStart): Promise<number> {
    for (const program of programs) this.registry.publish(program);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, settings.host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  health(): IngressHealth {
    const executors = [...this.#executors.all].map(({ pid, state, rssBytes, runs, stats }) => ({
      pid,
      state,
      rssBytes,
      runs,
      contexts: stats.contexts,
      warm: stats.warm,
    }));
    return { permitsInUse: this.#permits.inUse, queued: this.#permits.queued, executors };
  }

  /** Takes no new requests, finishes those that run, at most `drainMs` long. @returns how many were cut off */
  async drain(drainMs: number): Promise<number> {
    this.#draining = true;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, drainMs);
    await Promise.race([Promise.all([stopAccepting(this.#server, this.#sockets), this.#permits.drain()]), late]);
    clearTimeout(timer);
    const cutOff = this.#permits.inUse;
    this.endNow();
    this.#log.flush();
    return cutOff;
  }

  endNow(): void {
    this.#executors.end();
    this.#server.closeAllConnections();
  }

  #levels(): Levels {
    const { permitsInUse, queued, executors } = this.health();
    return {
      permitsInUse,
      queued,
      waitingForExecutor: this.#executors.waiting,
      logLinesDropped: this.#log.dropped(),
      executors,
    };
  }
}

function makeExecutors(
  { settings, layer2, executorScript }: IngressStart,
  observer: Observer,
  quarantine: Quarantine,
): Executors {
  return new Executors({
    executors: settings.executors,
    executorsMax: Math.max(8, settings.executors * 4),
    rssBytesMax: settings.executorRssMb === undefined ? undefined : settings.executorRssMb * 1_000_000,
    confine: { layer2, entry: executorScript, readable: dirname(executorScript) },
    env: GUEST_ENV,
    observer: {
      started: (pid) => observer.executorStarted(pid),
      ended: (pid, reason, program, lastWords) => {
        observer.executorEnded(pid, reason, program, lastWords);
        if (program === undefined) return;
        const ms = quarantine.add(program);
        if (ms > 0) observer.quarantined(program, ms);
      },
      loadFailed: (program, reason) => observer.loadFailed(program, reason),
    },
  });
}

/** In constant time: hashes have the same length, whatever was sent. */
function sameToken(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
