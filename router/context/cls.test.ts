import test from 'ava';
import { makeClsContext } from './cls.ts';
import { requestContextContract } from './request-context.contract.ts';

requestContextContract(test, 'cls-hooked', makeClsContext('test'));
