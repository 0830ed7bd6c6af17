import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const workspace = join(import.meta.dirname, '..');
const pages = globSync(['*.md', 'docs/*.md', 'packages/*/README.md', 'examples/*/README.md'], {
  cwd: workspace,
});

test.each(pages)('every link of %s leads somewhere', (page) => {
  const links = [...prose(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
  const broken = links
    .filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(workspace, target))) return true;
      return anchor !== undefined && !anchorsOf(readmeOf(target)).includes(anchor);
    })
    .map(([link]) => link);
  expect(broken).toEqual([]);
});

/** Without code, where brackets mean something else. */
function prose(page: string): string {
  return readFileSync(join(workspace, page), 'utf8')
    .replace(/^```.*?^```$/gms, '')
    .replace(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));
}

function readmeOf(target: string): string {
  return statSync(join(workspace, target)).isDirectory() ? join(target, 'README.md') : target;
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
