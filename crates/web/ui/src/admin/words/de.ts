import { account } from './de/account';
import { asking } from './de/asking';
import { attention } from './de/attention';
import { audit } from './de/audit';
import { bulk } from './de/bulk';
import { charts } from './de/charts';
import { checks } from './de/checks';
import { copying } from './de/copying';
import { door } from './de/door';
import { editor } from './de/editor';
import { features } from './de/features';
import { forms } from './de/forms';
import { leads } from './de/leads';
import { leaving } from './de/leaving';
import { library } from './de/library';
import { menus } from './de/menus';
import { operations } from './de/operations';
import { outbox } from './de/outbox';
import { overview } from './de/overview';
import { pages } from './de/pages';
import { palette } from './de/palette';
import { posts } from './de/posts';
import { roles } from './de/roles';
import { sentences } from './de/sentences';
import { settings } from './de/settings';
import { shell } from './de/shell';
import { tags } from './de/tags';
import { team } from './de/team';
import type { AdminWords } from './words';

export const de: AdminWords = {
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
