import { AlignLeft, AtSign, CheckSquare, List, type LucideIcon, Phone, Type } from 'lucide-react';
import type { FieldKind } from './form-draft';

export const FIELD_ICONS: Record<FieldKind, LucideIcon> = {
  text: Type,
  'long-text': AlignLeft,
  email: AtSign,
  phone: Phone,
  choice: List,
  consent: CheckSquare,
};
