import test from 'ava';
import { makeAlsContext } from './als.ts';
import { requestContextContract } from './request-context.contract.ts';

requestContextContract(test, 'AsyncLocalStorage', makeAlsContext());
