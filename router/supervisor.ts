// The supervisor: builds the parts in order (data folder → store → builder → ingress → control API) and ends them in
// the opposite one. `serve` and `tine dev` are both this, with different things done once it runs.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { languages, makeProcessScripts } from '#runtime';
import {
  Builder,
  type Layer2,
  NO_LAYER2,
  PROCESS_ENTRIES,
  probeLayer2,
  smokeTest,
  TemplateCache,
  Templates,
  TineError,
} from '#sandbox';
import { openStore, type Store } from '#store';
import { isLoopback } from './config/setting-kinds.ts';
import type { Settings } from './config/settings.ts';
import { makeClsContext } from './context/cls.ts';
import { makeControlApp } from './control/app.ts';
import { DataFolder } from './data-folder.ts';
import { IngressKeeper } from './ingress-keeper.ts';
import { HTTP } from './limits.ts';
import { type Log, makeLog } from './observers/logger.ts';
import { Programs } from './programs.ts';

export interface SupervisorOptions {
  /** What clients of the data plane read when a request fails: `full` only in `tine dev`. */
  errors: 'plain' | 'full';
}

export class Supervisor {
  readonly settings: Settings;
  readonly data: DataFolder;
  readonly logger: Logger;
  readonly token: string;
  readonly debugToken: string;
  readonly layer2: Layer2;
  readonly #log: Log;
  readonly #context = makeClsContext();
  readonly #options: SupervisorOptions;
  #executorScript = '';
  #store!: Store;
  #builder!: Builder;
  #programs!: Programs;
  #ingress!: IngressKeeper;
  #control!: Server;
  #stopping: Promise<void> | undefined;

  private constructor(settings: Settings, options: SupervisorOptions) {
    this.settings = settings;
    this.#options = options;
    this.#log = makeLog(settings, 'supervisor', () => {
      const requestId = this.#context.get('requestId');
      return requestId === undefined ? {} : { requestId };
    });
    this.logger = this.#log.logger;
    this.data = new DataFolder(settings.dataDir);
    this.token = settings.token ?? this.data.token('token');
    this.debugToken = settings.debugToken ?? this.data.token('debug-token');
    this.layer2 = settings.layer2 === 'off' ? NO_LAYER2 : probeLayer2();
    if (settings.layer2 === 'demand' && this.layer2.missing.length > 0) {
      throw new TineError('invalid_config', `layer 2 is demanded and not complete: ${this.layer2.missing.join('; ')}`);
    }
  }

  /** @throws TineError or StoreError when a part cannot be had; nothing is left running then */
  static async start(settings: Settings, options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(settings, options);
    try {
      await supervisor.#start();
      return supervisor;
    } catch (error) {
      await supervisor.stop('now');
      throw error;
    }
  }

  get programs(): Programs {
    return this.#programs;
  }

  get ingress(): IngressKeeper {
    return this.#ingress;
  }

  get dataUrl(): string {
    return `http://${urlHost(this.settings.host)}:${this.#ingress.port}`;
  }

  get controlUrl(): string {
    return `http://${urlHost(this.settings.controlHost)}:${(this.#control.address() as AddressInfo).port}`;
  }

  /** Where a program is reached: by its name below localhost. */
  urlOf(program: string): string {
    return `http://${program}.localhost:${this.#ingress.port}/`;
  }

  /** `gracefully`: finishes what runs, at most `drain_ms` long. `now`: at once. */
  stop(how: 'gracefully' | 'now'): Promise<void> {
    if (how === 'now') {
      this.#ingress?.kill();
      this.#builder?.end();
      this.#log.flush();
    }
    this.#stopping ??= this.#stop(how);
    return this.#stopping;
  }

  async #start(): Promise<void> {
    const { data } = this;
    for (const text of [...data.mended, ...this.layer2.missing]) this.logger.warn(text);
    if (!isLoopback(this.settings.controlHost)) {
      this.logger.warn('the control plane can be reached from other machines, and its token travels without TLS');
    }
    this.#store = await openStore({ engine: 'sqlite', folder: data.path });
    const [scripts] = await Promise.all([makeProcessScripts(PROCESS_ENTRIES, data.processes), smokeTest()]);
    this.#executorScript = scripts.executor;
    this.#builder = new Builder({
      confine: { layer2: this.layer2, entry: scripts.builder, readable: data.processes },
    });
    const cache = await TemplateCache.open({
      folder: data.templates,
      damaged: (key) => this.logger.warn({ key }, 'a cached template was damaged: it is built again'),
    });
    const templates = new Templates({
      cache,
      builder: this.#builder,
      bundleOf: (language) => languages[language as keyof typeof languages].bundle(),
      onRebuild: (program) => this.logger.info({ program }, 'template built again from source'),
    });
    this.#programs = new Programs({
      store: this.#store,
      templates,
      publish: (program) => this.#ingress.publish(program),
      remove: (name) => this.#ingress.remove(name),
    });
    for (const problem of await this.#programs.load()) this.logger.error(problem);
    this.#ingress = this.#makeKeeper();
    await this.#ingress.start();
    this.#control = await this.#listenControl();
    data.announce({ controlUrl: this.controlUrl, dataUrl: this.dataUrl, pid: process.pid });
  }

  #makeKeeper(): IngressKeeper {
    const programs = this.#programs;
    return new IngressKeeper(this.settings.port, {
      logger: this.logger,
      handlers: {
        template: (question: Parameters<Programs['template']>[0]) => programs.template(question),
        version: (question: Parameters<Programs['findVersion']>[0]) => programs.findVersion(question),
        map: (question: Parameters<Programs['map']>[0]) => programs.map(question),
      },
      start: () => ({
        settings: this.settings,
        debugToken: this.debugToken,
        layer2: this.layer2,
        executorScript: this.#executorScript,
        programs: programs.published,
        errors: this.#options.errors,
      }),
    });
  }

  async #listenControl(): Promise<Server> {
    const { settings } = this;
    const app = makeControlApp({
      programs: this.#programs,
      context: this.#context,
      logger: this.logger,
      token: this.token,
      hosts: settings.controlHosts,
      ceilings: settings.ceilings,
      urlOf: (program) => this.urlOf(program),
      metrics: () => this.#ingress.metrics(),
      health: () => this.#health(),
      isReady: () => this.#ingress.isReady && this.#stopping === undefined,
      isStopping: () => this.#stopping !== undefined,
      logLinesDropped: () => this.#log.dropped(),
    });
    const server = createServer(
      {
        maxHeaderSize: HTTP.headerBytesMax,
        headersTimeout: HTTP.headersTimeoutMs,
        requestTimeout: HTTP.requestTimeoutMs,
        connectionsCheckingInterval: HTTP.connectionsCheckMs,
      },
      app.callback(),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(settings.controlPort, settings.controlHost, resolve);
    });
    return server;
  }

  async #health() {
    const ingress = await this.#ingress.health();
    return {
      status: this.#ingress.isReady ? 'ok' : 'degraded',
      node: process.version,
      v8: process.versions.v8,
      layer2: {
        namespaces: this.layer2.namespaces,
        rlimits: this.layer2.rlimits,
        parentDeath: this.layer2.parentDeath,
        missing: this.layer2.missing,
      },
      ingress,
    };
  }

  async #stop(how: 'gracefully' | 'now'): Promise<void> {
    const control = this.#control as Server | undefined;
    // Answers on while requests are finished: `/readyz` says that no more are wanted.
    if (how === 'gracefully') {
      const cutOff = await this.#ingress.drain(this.settings.drainMs);
      if (cutOff > 0) this.logger.warn({ cutOff }, 'requests were cut off, as the time to drain was over');
    } else {
      this.#ingress?.kill();
    }
    this.#builder?.end();
    control?.close();
    control?.closeAllConnections();
    this.data.withdraw();
    await (this.#store as Store | undefined)?.close();
    this.#log.flush();
  }
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
