import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ADMIN = join(import.meta.dirname, '..');

/** Attributes that people see or hear. Others are for the browser. */
const SPOKEN =
  /^(aria-label|title|label|hint|about|alt|placeholder|what|name|note|button|done|text)$/;

/** Names that are the same in every language. */
const NAMES =
  /^(Magnetiq|kB|MB|GB|Esc|Ctrl|G|K|S|B|I|Edge|Opera|Firefox|Chrome|Safari|Android|Windows|Linux)$/;

/** Of a source file all that it would say in one language only. */
function spokenIn(path: string): string[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(path, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const text = said(node)?.trim();
    if (text && !NAMES.test(text)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${path.slice(ADMIN.length + 1)}:${line + 1} ${text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function said(node: ts.Node): string | null {
  if (ts.isJsxText(node)) return /\p{L}/u.test(node.text) ? node.text : null;
  const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateTail(node);
  if (!isText && !ts.isTemplateMiddle(node)) return null;
  if (ts.isImportDeclaration(node.parent) || ts.isLiteralTypeNode(node.parent)) return null;
  if (ts.isJsxAttribute(node.parent) && ts.isIdentifier(node.parent.name)) {
    const name = node.parent.name.text;
    return SPOKEN.test(name) && /^\p{Lu}|\s\p{L}/u.test(node.text) ? node.text : null;
  }
  // A sentence or a heading, and no class names: those begin with small letters.
  return /^\p{Lu}\p{Ll}+(\s\p{Ll}|[.…!?]?$)/u.test(node.text) && !isKey(node) ? node.text : null;
}

/** Names of keys and headers that browsers and servers know. */
function isKey(node: ts.Node & { text: string }): boolean {
  return (
    /^(Arrow|Backspace|Enter|Escape|Files|Home|End|If-|Intl|Key|Link|Tab)/.test(node.text) ||
    (ts.isPropertyAssignment(node.parent) && node.parent.name === node) ||
    ts.isIndexedAccessTypeNode(node.parent.parent)
  );
}

it('has every word of the admin area from the words, in each language', () => {
  const files = readdirSync(ADMIN, { recursive: true, encoding: 'utf8' }).filter(
    path => /\.tsx?$/.test(path) && !/\.test\.tsx?$|^words\//.test(path),
  );
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap(path => spokenIn(join(ADMIN, path)))).toEqual([]);
});
