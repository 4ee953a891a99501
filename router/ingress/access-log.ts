// One line for each request that is over.
import type { Logger } from 'pino';
import type { Access } from './app.ts';

export function accessLog(logger: Logger): (access: Access) => void {
  return ({ requestId, program, version, method, target, status, bytes, finished, code, wallMs }) => {
    const level = status >= 500 ? 'warn' : 'info';
    if (!logger.isLevelEnabled(level)) return;
    logger[level](
      {
        requestId,
        program,
        version: version.slice(0, 12),
        method,
        target: target.length > 1_000 ? `${target.slice(0, 1_000)}…` : target,
        status,
        bytes,
        outcome: finished?.outcome,
        code,
        wallMs: round(wallMs),
        cpuMs: finished === undefined ? undefined : round(finished.cpuUs / 1000),
        forkMs: finished === undefined ? undefined : round(finished.forkUs / 1000),
        queuedMs: finished === undefined ? undefined : round(finished.queuedMs),
        ops: finished?.ops,
      },
      'request',
    );
  };
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
