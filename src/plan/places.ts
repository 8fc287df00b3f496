/** Which lines of which policies bring a change about. */
import type { PolicyPlace } from '../domain/journal.js';
import type { ChangedSections } from '../domain/change.js';
import type { Provenance } from '../policy/model.js';
import type { DesiredQueue, DesiredSections } from '../resolve/model.js';

/** The places of every value that changes, each once, by policy, file and line. */
export const placesOf = (
  { enforced, full }: Pick<DesiredQueue, 'enforced' | 'full'>,
  change: ChangedSections,
): readonly PolicyPlace[] => {
  const found = placesIn(enforced, change);
  const sources = found.length > 0 ? found : placesIn(full, change);
  const places = new Map(
    sources.map(({ policy, span }) => [
      `${policy}\n${span.file}\n${span.line}`,
      { name: policy, file: span.file, line: span.line },
    ]),
  );
  return [...places.values()].sort(byPlace);
};

const placesIn = (
  { afterCallWork, wrapupCodes }: DesiredSections,
  change: ChangedSections,
): readonly Provenance[] => {
  const work = change.afterCallWork === undefined ? [] : (afterCallWork?.from ?? []);
  if (change.wrapupCodes === undefined || wrapupCodes === null) return work;
  const { add, update = [], remove } = change.wrapupCodes;
  const listed = [...wrapupCodes.listed.values()];
  const wanted = new Set([...add, ...update].map(({ id, name }) => id ?? `new:${name}`));
  return [
    ...work,
    ...listed.flatMap(({ id, name, from }) => (wanted.has(id ?? `new:${name}`) ? from : [])),
    ...remove.flatMap(({ id }) => wrapupCodes.unwanted.get(id)?.from ?? wrapupCodes.from),
  ];
};

const byPlace = (a: PolicyPlace, b: PolicyPlace): number =>
  a.name < b.name
    ? -1
    : a.name > b.name
      ? 1
      : a.file < b.file
        ? -1
        : a.file > b.file
          ? 1
          : a.line - b.line;
