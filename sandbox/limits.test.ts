import test from 'ava';
import { assertLimits, BOUNDS, defaultLimits, LIMITS, type Limits } from './limits.ts';

test('defaultLimits() is in range, and a fresh object each time', (t) => {
  t.notThrows(() => assertLimits(defaultLimits()));
  t.not(defaultLimits(), defaultLimits());
});

for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
  test(`assertLimits() takes ${name} within its range, and nothing else`, (t) => {
    const { min, max } = LIMITS[name];
    const others = { ...defaultLimits(), wallMs: LIMITS.wallMs.max, cpuMs: 1 };
    for (const good of [min, max]) t.notThrows(() => assertLimits({ ...others, [name]: good }), `${good}`);
    for (const bad of [min - 1, max + 1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY, `${min}`, null, undefined]) {
      const error = t.throws(() => assertLimits({ ...others, [name]: bad as number }), { instanceOf: RangeError });
      t.true(error.message.startsWith(`${name} must be an integer from ${min} to ${max}: got`), error.message);
    }
  });
}

test('assertLimits() refuses more CPU than wall time', (t) => {
  t.throws(() => assertLimits({ ...defaultLimits(), cpuMs: 101, wallMs: 100 }), {
    message: 'cpuMs must be at most wallMs (100): got 101',
  });
});

test('BOUNDS: what a slice may hand over fits what a frame may hold, and is looked at before it is killed', (t) => {
  t.true(BOUNDS.inlineBodyBytes < BOUNDS.outboxBytes);
  t.true(BOUNDS.watchEveryMs + BOUNDS.killGraceMs <= 250);
  t.true(BOUNDS.templateHeapShare < 1);
});
