import type { AdminWords } from '../words';

export const charts: AdminWords['charts'] = {
  traffic: 'Anfragen an den Server',
  latency: 'Antwortzeit',
  answered: 'beantwortet',
  failed: 'gescheitert',
  p50: 'die Hälfte in',
  p99: '99 % in',
  span: 'Wie weit zurück',
  hour: 'Letzte Stunde',
  day: 'Letzter Tag',
  nothing: 'keine',
  as_table: 'Als Tabelle',
  time: 'Zeit',
  the_traffic: 'den Verkehr',
  title: 'Verkehr',
};
