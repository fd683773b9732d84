/**
 * Checks every import of the library against the table in `layers.ts`. No file may import a package or
 * a runtime's module, only `mod.ts` may re-export from other files, and a file has at most 240 lines.
 *
 *     deno task check:layers
 *
 * @module
 */

import ts from "typescript";
import { type Import, violations } from "./layers.ts";

const root = new URL("../", import.meta.url);

/** A longer file holds more than one concept. */
const MAX_LINES = 240;

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) yield* sources(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield `${folder}${name}`;
  }
}

const problems: string[] = [];

function importsOf(file: string, text: string): Import[] {
  const imports: Import[] = [];
  function add(specifier: ts.Expression, type: boolean): void {
    const { text } = specifier as ts.StringLiteral;
    if (text.startsWith(".")) {
      const { href } = new URL(text, new URL(file, root));
      imports.push({ path: href.slice(root.href.length), type });
    } else {
      problems.push(`${file} imports ${text}: the library has no dependencies`);
    }
  }
  function visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const named = clause?.namedBindings;
      const type = clause?.isTypeOnly ||
        (named !== undefined && ts.isNamedImports(named) &&
          named.elements.every((element) => element.isTypeOnly));
      add(node.moduleSpecifier, type === true);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      if (!barrels.includes(file)) problems.push(`${file} re-exports from another file`);
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0]!, false);
    }
    ts.forEachChild(node, visit);
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return imports;
}

/** The files that may re-export from other files. */
const barrels = ["mod.ts", "protocols.ts", "testing.ts"];

const imports = new Map<string, Import[]>();
const files = ["mod.ts", "protocols.ts", "testing.ts"];
for await (const file of sources("src/")) files.push(file);
for (const file of files) {
  const text = await Deno.readTextFile(new URL(file, root));
  imports.set(file, importsOf(file, text));
  const lines = text.trimEnd().split("\n").length;
  if (lines > MAX_LINES) problems.push(`${file} has ${lines} lines: expected at most ${MAX_LINES}`);
}
problems.push(...violations(imports));
for (const problem of problems) console.error(problem);
console.log(`${files.length} files, ${problems.length} violations of the layers`);
if (problems.length > 0) Deno.exit(1);
