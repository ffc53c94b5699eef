import type { components } from './schema';

type Schemas = components['schemas'];

export type Account = Schemas['Account'];
export type Area = Schemas['Area'];
export type AuditEntry = Schemas['AuditEntry'];
export type BulkAction = Schemas['BulkAction'];
export type BulkResult = Schemas['BulkResult'];
export type FormField = Schemas['FormField'];
export type Lead = Schemas['Lead'];
export type LeadState = Schemas['LeadState'];
export type LiveKind = Schemas['LiveKind'];
export type Media = Schemas['Media'];
export type OutboxEntry = Schemas['OutboxEntry'];
export type OutboxState = Schemas['OutboxState'];
export type Overview = Schemas['Overview'];
export type Page = Schemas['Page'];
export type PageCard = Schemas['PageCard'];
export type PageRow = Schemas['PageRow'];
export type PageStatus = Schemas['Status'];
export type Passkey = Schemas['Passkey'];
export type PublicForm = Schemas['PublicForm'];
export type PublicPage = Schemas['PublicPage'];
export type Role = Schemas['Role'];
export type TrashedPage = Schemas['TrashedPage'];
export type Setting = Schemas['Setting'];
export type Settings = Schemas['Settings'];
export type Site = Schemas['Site'];
