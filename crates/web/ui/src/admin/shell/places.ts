import {
  Activity,
  ClipboardList,
  FileText,
  Gauge,
  History,
  Images,
  Inbox,
  ListTree,
  type LucideIcon,
  Mail,
  Megaphone,
  Settings,
  Tags,
  Users,
} from 'lucide-react';
import type { Role } from '../../api/types';
import type { AdminWords } from '../words/words';

export type Place = {
  to: string;
  end: boolean;
  /** Another view that belongs to it. */
  also?: string;
  label: keyof AdminWords['shell']['places'];
  icon: LucideIcon;
  /** Typed after `g`, leads there. */
  key: string;
  /** The role that sees it. What the server refuses is not offered. */
  least?: Role;
};

/** The views of the admin area, in the order of the navigation. */
export const PLACES: Place[] = [
  { to: '/admin', end: true, label: 'overview', icon: Gauge, key: 'o' },
  {
    to: '/admin/pages',
    end: false,
    also: '/admin/trash',
    label: 'pages',
    icon: FileText,
    key: 'p',
  },
  { to: '/admin/tags', end: false, label: 'tags', icon: Tags, key: 'c' },
  { to: '/admin/menus', end: false, label: 'menus', icon: ListTree, key: 'e' },
  { to: '/admin/media', end: false, label: 'media', icon: Images, key: 'm' },
  { to: '/admin/leads', end: false, label: 'leads', icon: Inbox, key: 'l', least: 'editor' },
  {
    to: '/admin/forms',
    end: false,
    label: 'forms',
    icon: ClipboardList,
    key: 'f',
    least: 'editor',
  },
  { to: '/admin/posts', end: false, label: 'posts', icon: Megaphone, key: 'n', least: 'editor' },
  {
    to: '/admin/outbox',
    end: false,
    also: '/admin/letters',
    label: 'outbox',
    icon: Mail,
    key: 'b',
  },
  { to: '/admin/team', end: false, label: 'team', icon: Users, key: 't', least: 'admin' },
  {
    to: '/admin/operations',
    end: false,
    label: 'operations',
    icon: Activity,
    key: 'x',
    least: 'admin',
  },
  {
    to: '/admin/settings',
    end: false,
    label: 'settings',
    icon: Settings,
    key: 's',
    least: 'admin',
  },
  { to: '/admin/audit', end: false, label: 'audit', icon: History, key: 'a', least: 'admin' },
];

/** Whether one is at this place, or below it. */
export const isAt = ({ to, end, also }: Place, pathname: string): boolean =>
  pathname === to || pathname === also || (!end && pathname.startsWith(`${to}/`));
