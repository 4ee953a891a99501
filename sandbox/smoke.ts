// Started once, before a server opens its ports: does isolated-vm work here at all? Loads what executors and builders
// load, so that Node's compile cache holds it for them; they may only read that cache.
import './executor/core.ts';
import './builder/diagnose.ts';
import './builder/make.ts';
import './builder/try.ts';
import { flushCompileCache } from 'node:module';
import ivm from 'isolated-vm';
import { languages } from '#runtime';

const isolate = new ivm.Isolate({ memoryLimit: 16 });
const context = isolate.createContextSync();
const answer = isolate.compileScriptSync('6 * 7').runSync(context, { timeout: 1_000 });
isolate.dispose();
await languages.javascript.prepare?.();
flushCompileCache();
process.exitCode = answer === 42 ? 0 : 1;
