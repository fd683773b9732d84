/**
 * Compiles consumers of the declarations (`tests/types/`) with every supported compiler.
 *
 * @module
 */

import { compilers, copySource, run, writeJson } from "./consumer.ts";
import type { Check } from "./report.ts";

/** Types that a consumer has in addition to ES2022, and files that must compile with them. */
interface Environment {
  readonly dom: boolean;
  readonly node: boolean;
  readonly resolutions: readonly ("nodenext" | "bundler")[];
  readonly files: readonly string[];
}

const environments: Readonly<Record<string, Environment>> = {
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

/** Returns a check for each combination of compiler, resolution and environment, without `skipLibCheck`. */
export async function typeChecks(): Promise<Check[]> {
  const files = new Set(Object.values(environments).flatMap(({ files }) => files));
  for (const file of files) await copySource(`tests/types/${file}.ts`, ".ts");
  const checks: Check[] = [];
  for (const [where, { dom, node, resolutions, files }] of Object.entries(environments)) {
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

/** Compiles a program, and throws its errors without their details. */
async function compile(version: string, config: string): Promise<void> {
  try {
    await run("node", `node_modules/typescript-${version}/bin/tsc`, "-p", config);
  } catch (error) {
    throw new Error((error as Error).message.replaceAll(/^ .*\n?/gm, "").trim());
  }
}
