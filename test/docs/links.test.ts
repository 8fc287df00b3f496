/** Every link of every page leads somewhere, and the map of the sources names files that there are. */
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, codeOf, linksOf } from '../support/pages.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (page: string): Promise<string> => readFile(path.join(ROOT, page), 'utf8');

/** Pages of the top and of `docs`, relative to the top, with forward slashes. */
const PAGES = [
  ...(await readdir(ROOT)),
  ...(await readdir(path.join(ROOT, 'docs'), { recursive: true })).map((name) => `docs/${name}`),
]
  .map((page) => page.replaceAll('\\', '/'))
  .filter((page) => page.endsWith('.md'))
  .toSorted();

const isThere = (place: string): Promise<boolean> =>
  access(path.join(ROOT, place)).then(
    () => true,
    () => false,
  );

/** What is wrong with a link of a page, or null. */
const faultOf = async (page: string, link: string): Promise<string | null> => {
  if (link.startsWith('https://')) return null;
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
  if (target.startsWith('..')) return `${link}: outside of the repository`;
  if (!(await isThere(target))) return `${link}: no such file`;
  if (anchor === undefined) return null;
  return anchorsOf(await read(target)).has(anchor) ? null : `${link}: no such heading`;
};

describe('links', () => {
  it('are looked for on the pages that people begin with', () => {
    expect(PAGES).toEqual(
      expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'docs/tutorial.md']),
    );
  });

  it.each(PAGES)('of %s lead somewhere', async (page) => {
    const faults = await Promise.all(linksOf(await read(page)).map((link) => faultOf(page, link)));
    expect(faults.filter((fault) => fault !== null)).toEqual([]);
  });

  it('to every page there is one on the first page, but for decisions', async () => {
    const linked = linksOf(await read('README.md')).map((link) => link.split('#')[0]);
    for (const page of PAGES)
      if (page.startsWith('docs/') && !page.startsWith('docs/decisions/'))
        expect(linked).toContain(page);
  });
});

describe('ARCHITECTURE.md', () => {
  it('names files and folders that there are', async () => {
    const text = await read('ARCHITECTURE.md');
    const named = codeOf(text).filter(
      (code) => /^[\w.*-]*(\/[\w.*-]*)*$/.test(code) && isPath(code),
    );
    expect(named.length).toBeGreaterThan(80);
    for (const name of new Set(named)) {
      // Shortened to what stands below `src`; the daemon's turn names its own files alone.
      const places = ['', 'src/', 'src/daemon/'].map((folder) => folder + name);
      const found = await Promise.all(places.map(isNamed));
      expect(found, name).toContain(true);
    }
  });
});

const isPath = (code: string): boolean => code.includes('/') || /\.(ts|md|json|yml)$/.test(code);

/** Whether a file, a folder, or one of the files that a star stands for is there. */
const isNamed = async (place: string): Promise<boolean> => {
  const folder = path.posix.dirname(place);
  const last = path.posix.basename(place);
  if (!last.includes('*')) return isThere(place);
  const [before = '', after = ''] = last.split('*');
  const names = await readdir(path.join(ROOT, folder)).catch(() => []);
  return names.some((name) => name.startsWith(before) && name.endsWith(after));
};
