// The ingress process: takes HTTP requests for programs, holds the permits, feeds executors, does the ops of guests.
// It runs no guest code. It is started, told what to serve, and ended by the supervisor.
import { startIngress } from './ingress.ts';

startIngress(process as Parameters<typeof startIngress>[0]);
