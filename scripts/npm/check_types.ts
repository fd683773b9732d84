/**
 * Compiles consumers of the declarations, `tests/types/`, with every supported compiler.
 *
 * @module
 */

import { compilers, copySource, run, writeJson } from "./consumer.ts";
import type { Check } from "./report.ts";

/** The types that a consumer has besides those of ES2022, and the files that then must compile. */
interface Surroundings {
  readonly dom: boolean;
  readonly node: boolean;
  readonly resolutions: readonly ("nodenext" | "bundler")[];
  readonly files: readonly string[];
}

const surroundings: Readonly<Record<string, Surroundings>> = {
  "DOM": {
    dom: true,
    node: false,
    resolutions: ["nodenext", "bundler"],
    files: ["web_streams", "iteration", "dom_streams"],
  },
  "DOM and Node": {
    dom: true,
    node: true,
    resolutions: ["nodenext", "bundler"],
    files: ["web_streams", "iteration", "dom_streams", "node_streams"],
  },
  "Node": {
    dom: false,
    node: true,
    resolutions: ["nodenext"],
    files: ["web_streams", "iteration", "node_streams", "node_pipes"],
  },
};

/** All combinations of compiler, resolution and surroundings; nothing is skipped (`skipLibCheck`). */
export async function typeChecks(): Promise<Check[]> {
  const files = new Set(Object.values(surroundings).flatMap(({ files }) => files));
  for (const file of files) await copySource(`tests/types/${file}.ts`, ".ts");
  const checks: Check[] = [];
  for (const [where, { dom, node, resolutions, files }] of Object.entries(surroundings)) {
    for (const moduleResolution of resolutions) {
      const config = `tsconfig.${
        where.toLowerCase().replaceAll(" ", "_")
      }.${moduleResolution}.json`;
      await writeJson(config, {
        compilerOptions: {
          target: "es2022",
          lib: dom ? ["es2022", "dom"] : ["es2022"],
          module: moduleResolution === "nodenext" ? "nodenext" : "esnext",
          moduleResolution,
          strict: true,
          exactOptionalPropertyTypes: true,
          types: node ? ["node"] : [],
          noEmit: true,
        },
        files: files.map((file) => `tests/types/${file}.ts`),
      });
      for (const version of compilers) {
        checks.push([`TypeScript ${version}, ${moduleResolution}, types of ${where}`, async () => {
          await compile(version, config);
        }]);
      }
    }
  }
  return checks;
}

/** Throws the errors of a program, without their explanations. */
async function compile(version: string, config: string): Promise<void> {
  try {
    await run("node", `node_modules/typescript-${version}/bin/tsc`, "-p", config);
  } catch (error) {
    throw new Error((error as Error).message.replaceAll(/^ .*\n?/gm, "").trim());
  }
}
