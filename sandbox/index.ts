// The wall: templates, builder, executors, limits, outcomes. The only folder that imports isolated-vm.
export { CODES, type Code, codeOf, type Details, TineError } from './errors.ts';
export { assertLimits, BOUNDS, defaultLimits, LIMITS, type Limits } from './limits.ts';
export { OUTCOMES, type Outcome } from './outcome.ts';
export type { ProgramConfig, WarmupRequest } from './program.ts';
export { TemplateCache, type TemplateCacheOptions } from './template/cache.ts';
