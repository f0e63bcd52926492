import * as v from 'valibot';

/** The first file of an archive: what the rest is. */
export const ABOUT_FILE = 'about.json';
/** The last one: what every other must be, to the byte. */
export const LIST_FILE = 'files.json';
export const SECRETS_FILE = 'secrets.json';
export const DUMP_FILE = 'database.dump';
export const CLUSTER_FOLDER = 'cluster';

export const about = v.object({
  format: v.literal(1),
  kind: v.picklist(['embedded', 'dump']),
  made_at: v.string(),
  /** Of this program. */
  version: v.string(),
  /** The major version of the server, and of the pg_dump that read it. */
  postgres: v.number(),
  has_secrets: v.boolean(),
});
export type About = v.InferOutput<typeof about>;

export const fileList = v.object({
  rows: v.record(v.string(), v.number()),
  files: v.record(v.string(), v.object({ bytes: v.number(), sha256: v.string() })),
});
export type Rows = FileList['rows'];
export type FileList = v.InferOutput<typeof fileList>;
