import { z } from 'zod';

export type ReadMethod = 'GET';
export type WriteMethod = 'DELETE' | 'PATCH' | 'POST' | 'PUT';

/** Method and path, as in `POST /users`. */
export type RoutePath<Method extends string> = `${Method} /${string}`;
/** Method and path with the parameter `:id`, as in `PATCH /users/:id`. */
export type PathWithId<Method extends string> =
  | `${Method} /${string}:id`
  | `${Method} /${string}:id/${string}`;

type NamesIn<Path> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** The parameters that a path names, percent-decoded. */
export type ParamsOf<Path> = { readonly [Name in NamesIn<Path>]: string };

export function readPath(path: string, idOf: string) {
  const [method, url] = path.split(' ') as [ReadMethod | WriteMethod, string];
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const shape = names.map((name) => [
    name,
    // Any text: whether it is somebody's id turns out when it is looked for.
    name === 'id' ? z.string().describe(`Id of the ${idOf}`) : z.string(),
  ]);
  const params = names.length === 0 ? {} : { params: z.object(Object.fromEntries(shape)) };
  return { method, url, params };
}
