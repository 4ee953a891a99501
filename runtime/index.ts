// runtime: what lives inside an isolate, and the compilers that produce it.

export type { UploadBundle } from './javascript/bundle-upload.ts';
export { codeFrame } from './javascript/code-frame.ts';
export { bundleForUpload, makeProcessScripts } from './javascript/language.ts';
export { SourceMapper, type SourcePlace } from './javascript/source-map.ts';
export * from './language.ts';
export { compileFor, languages } from './languages.ts';
export * from './web/protocol.ts';
