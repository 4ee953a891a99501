// How programs look in answers: versions by their first digits.
import type { ProgramRecord, Traffic } from '#store';
import type { ControlParts } from '../control/app.ts';
import { shown } from '../programs.ts';

export function shownTraffic(traffic: Traffic): Record<string, number> {
  return Object.fromEntries(Object.entries(traffic).map(([version, percent]) => [shown(version), percent]));
}

export function shownProgram(
  { name, traffic, revision, createdAt }: ProgramRecord,
  { urlOf }: Pick<ControlParts, 'urlOf'>,
) {
  return { name, traffic: shownTraffic(traffic), revision, createdAt, url: urlOf(name) };
}
