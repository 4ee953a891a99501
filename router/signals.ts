// SIGTERM or SIGINT: finish what runs, then exit 0. A second one: at once.
import type { Supervisor } from './supervisor.ts';

/** @param before what else has to be ended first */
export function stopOnSignals(supervisor: Supervisor, before: () => Promise<unknown> = async () => {}): void {
  let signals = 0;
  const stop = (signal: NodeJS.Signals) => {
    signals += 1;
    if (signals > 1) {
      void supervisor.stop('now');
      process.exit(0);
    }
    supervisor.logger.info({ signal }, 'stopping: requests that run are finished first');
    Promise.all([before(), supervisor.stop('gracefully')]).then(
      () => process.exit(0),
      (error) => {
        supervisor.logger.error({ err: error }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
