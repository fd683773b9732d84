import process from "node:process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { runsOn } from "./child.ts";

const root = new URL("../../", import.meta.url);

/**
 * Imports a module of `examples/`. Only deno.json maps the package's name to the sources: elsewhere a copy is
 * imported that names them.
 */
export async function example(path: string): Promise<unknown> {
  const module = new URL(`examples/${path}`, root);
  if (runsOn("deno")) return await import(module.href);
  const text = await readFile(module, "utf8");
  const folder = new URL(`.tmp/${path}/`, root);
  const copy = new URL(`${process.pid}.ts`, folder);
  await mkdir(folder, { recursive: true });
  await writeFile(
    copy,
    text.replaceAll('"@framewright/framewright"', `"${new URL("mod.ts", root)}"`),
  );
  try {
    return await import(copy.href);
  } finally {
    await rm(copy);
  }
}
