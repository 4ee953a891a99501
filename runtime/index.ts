// runtime: what lives inside an isolate, and the compilers that produce it.
export * from './language.ts';
export * from './web/protocol.ts';
