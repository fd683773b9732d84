/**
 * Emits the modules and declarations of the npm package with the TypeScript compiler.
 *
 * @module
 */

import ts from "typescript";
import { browser, entries } from "./manifest.ts";

/** Libraries beyond ES2022 that declarations may need, by the names that are declared there. */
const libraries: Readonly<Record<string, string>> = {
  AsyncDisposable: "esnext.disposable",
  Disposable: "esnext.disposable",
  asyncDispose: "esnext.disposable",
  dispose: "esnext.disposable",
};

/**
 * Compiles the sources in `folder` into `esm/`. Declarations have maps to the sources, and reference the
 * libraries that they need beyond ES2022 and DOM.
 *
 * @param folder Absolute path of the package, with copies of the sources.
 */
export function emit(folder: string, what: "declarations" | "modules and declarations"): void {
  const program = ts.createProgram({
    rootNames: [...entries.map(({ path }) => path), `${browser.by}.ts`].map((path) =>
      `${folder}/${path}`
    ),
    options: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      types: [],
      strict: true,
      declaration: true,
      declarationMap: true,
      rewriteRelativeImportExtensions: true,
      rootDir: folder,
      outDir: `${folder}/esm`,
    },
  });
  const { diagnostics } = program.emit(undefined, undefined, undefined, what === "declarations", {
    afterDeclarations: [declarations],
  });
  const errors = [...program.getSyntacticDiagnostics(), ...diagnostics];
  if (errors.length > 0) {
    throw new Error(
      errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")).join(),
    );
  }
}

/**
 * Completes declarations: the compiler rewrites "./x.ts" to "./x.js" only in modules, and omits references
 * to the libraries of its own options.
 */
function declarations(context: ts.TransformationContext): ts.CustomTransformer {
  const { factory } = context;
  const needed = new Set<string>();
  function visit(node: ts.Node): ts.Node {
    if (ts.isIdentifier(node)) {
      const library = Object.hasOwn(libraries, node.text) ? libraries[node.text] : undefined;
      if (library !== undefined) needed.add(library);
    }
    return isSpecifier(node) && /^\.{1,2}\/.*\.ts$/.test(node.text)
      ? factory.createStringLiteral(node.text.replace(/\.ts$/, ".js"))
      : ts.visitEachChild(node, visit, context);
  }
  return {
    transformSourceFile(file) {
      needed.clear();
      const { statements } = visit(file) as ts.SourceFile;
      const references = [...needed]
        .map((fileName) => ({ fileName, pos: -1, end: -1, preserve: true }));
      return factory.updateSourceFile(file, statements, true, [], [], false, references);
    },
    transformBundle: (bundle) => bundle,
  };
}

function isSpecifier(node: ts.Node): node is ts.StringLiteral {
  const { parent } = node;
  return ts.isStringLiteral(node) && parent !== undefined &&
    (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) ||
      (ts.isLiteralTypeNode(parent) && ts.isImportTypeNode(parent.parent)));
}
