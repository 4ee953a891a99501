// Started once, before a server opens its ports: loads the native module and runs a line of JavaScript in an isolate.
import ivm from 'isolated-vm';

const isolate = new ivm.Isolate({ memoryLimit: 16 });
const context = isolate.createContextSync();
const answer = isolate.compileScriptSync('6 * 7').runSync(context, { timeout: 1_000 });
isolate.dispose();
process.exitCode = answer === 42 ? 0 : 1;
