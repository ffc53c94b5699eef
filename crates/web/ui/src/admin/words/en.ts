import { account } from './en/account';
import { asking } from './en/asking';
import { attention } from './en/attention';
import { audit } from './en/audit';
import { bulk } from './en/bulk';
import { charts } from './en/charts';
import { checks } from './en/checks';
import { copying } from './en/copying';
import { door } from './en/door';
import { editor } from './en/editor';
import { features } from './en/features';
import { forms } from './en/forms';
import { leads } from './en/leads';
import { leaving } from './en/leaving';
import { library } from './en/library';
import { menus } from './en/menus';
import { operations } from './en/operations';
import { outbox } from './en/outbox';
import { overview } from './en/overview';
import { pages } from './en/pages';
import { palette } from './en/palette';
import { posts } from './en/posts';
import { roles } from './en/roles';
import { sentences } from './en/sentences';
import { settings } from './en/settings';
import { shell } from './en/shell';
import { tags } from './en/tags';
import { team } from './en/team';

/** What the admin area says, by its parts. `de.ts` has the same names, which the compiler sees to. */
export const en = {
  account,
  asking,
  attention,
  audit,
  bulk,
  charts,
  checks,
  copying,
  door,
  editor,
  features,
  forms,
  leads,
  leaving,
  library,
  menus,
  operations,
  outbox,
  overview,
  pages,
  palette,
  posts,
  roles,
  sentences,
  settings,
  shell,
  tags,
  team,
};
