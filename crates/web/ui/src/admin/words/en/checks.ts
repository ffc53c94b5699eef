/** What is said of a check in other words than the server's; each paragraph apart, without the commands. */
export type CheckWords = { title: string; means: string; look_at: string[]; fix: string[] };

/** In English the server says it all. */
export const checks: {
  of: Record<string, CheckWords>;
  nodes: Record<string, string>;
  values: Record<string, string>;
} = { of: {}, nodes: {}, values: {} };
