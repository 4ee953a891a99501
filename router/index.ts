// HTTP in, HTTP out: ingress, control plane, configuration, and what the command line starts.
// The only folder that imports koa and @koa/router.
export { type Explained, formatExplained } from './config/explain.ts';
export { type ConfigText, findConfig, readConfig } from './config/read-config.ts';
export { type ConfigWarning, type Resolved, resolveProgramConfig } from './config/resolve.ts';
export { type Flags, readSettings, type Settings, unknownSettings } from './config/settings.ts';
export { CEILING_SETTINGS, SETTINGS } from './config/settings-table.ts';
export { type DevSource, dev } from './dev/dev.ts';
export { type ServeOptions, serve } from './serve.ts';
