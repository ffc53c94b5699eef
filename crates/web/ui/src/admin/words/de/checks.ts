import type { CheckWords } from '../en/checks';

const DISK = {
  means:
    'Auf einem vollen Laufwerk gelingt kein Schreiben: Die Datenbank lehnt es ab, Uploads scheitern, Backups und Protokolle hören auf. Lesen geht weiter. Der Server lehnt zuerst Uploads ab und dann alles Schreiben, bevor es so weit kommt.',
  look_at: ['Was den Platz braucht, und ob Inodes oder Bytes fehlen.'],
  fix: [
    'Alte Protokolle und Exporte löschen, Backups ausdünnen, das Laufwerk vergrößern. „Mounted read-only“: Das tut der Kernel nach Fehlern des Laufwerks; dmesg lesen, das Dateisystem prüfen, das Laufwerk ersetzen.',
  ],
};

/** By the names of checks. */
const of: Record<string, CheckWords> = {
  'disk-data': { title: 'Für die Datenbank ist Platz', ...DISK },
  'disk-media': { title: 'Für Dateien ist Platz', ...DISK },
  'disk-backup': { title: 'Für Backups ist Platz', ...DISK },
  'uploads-taken': { title: 'Dateien werden angenommen', ...DISK },
  'writes-taken': { title: 'Es wird gespeichert', ...DISK },
  'disk-sync': {
    title: 'Was geschrieben wird, kommt auf dem Laufwerk an',
    means:
      'Das Laufwerk nimmt nichts an oder lässt sich Zeit: Jedes Speichern wartet darauf. Was im Speicher ist, lässt sich noch lesen, deshalb kann die Website eine Weile gesund aussehen.',
    look_at: [
      'Was der Kernel vom Gerät sagt, und wie lange Anfragen an es dauern. Ein Laufwerk im Netz: ob sein Server erreichbar ist.',
    ],
    fix: [
      'Das Laufwerk zurückholen; was wartet, geht von selbst weiter. Kommt es nicht zurück: den Server anhalten (ein Prozess, der im Kernel hängt, endet erst mit seinem Laufwerk), das Laufwerk anderswo anschließen oder das neueste Backup auf einem neuen wiederherstellen.',
    ],
  },
  'database-read': {
    title: 'Die Datenbank lässt sich lesen',
    means:
      'Seiten, Anmeldung und Verwaltung lesen bei jeder Anfrage in der Datenbank. Ohne Antwort geht nichts an der Website.',
    look_at: [
      'Ob die Datei da und heil ist, ob das Laufwerk antwortet, und ob langsames Lesen alle Verbindungen hält (Alter des ältesten Lesers in database-wal).',
    ],
    fix: [
      '„busy“: Anfragen halten alle Verbindungen; die langsame im Protokoll suchen oder die Zahl der Leser erhöhen. „disk I/O error“ oder „malformed“: das Programm anhalten und das neueste bewiesene Backup wiederherstellen.',
    ],
  },
  'database-write': {
    title: 'In die Datenbank lässt sich schreiben',
    means:
      'Alles, was etwas ändert, wartet: Seiten speichern, Anmelden, Anfragen, Uploads. Besucher lesen weiter.',
    look_at: [
      'Wie lange das älteste Schreiben wartet (queue age) und wie viele warten (queue). Ein langes Schreiben: ein Import, VACUUM, eine Migration. Alle langsam: das Laufwerk (commit).',
    ],
    fix: [
      'Ein langes Schreiben endet von selbst, nach höchstens 30 s (ein ausschließliches nach einer Stunde): dafür Wartung ankündigen. Langsames Laufwerk: den Datenordner vom Netzlaufwerk nehmen. Volles Laufwerk: siehe dort. Bleibt der Schreiber hängen, das Programm neu starten; was bestätigt ist, bleibt.',
    ],
  },
  'database-wal': {
    title: 'Das Schreibprotokoll wird wiederverwendet',
    means:
      'Ein Leser, der offen bleibt, verhindert, dass das Protokoll wiederverwendet wird; es wächst mit jedem Schreiben, bis das Laufwerk voll ist, und Lesen wird langsamer.',
    look_at: [
      'Das Alter des ältesten Lesers: eine Anfrage, die nie endet, ein Backup, das hängt, eine sqlite3-Konsole, die jemand offen ließ.',
    ],
    fix: [
      'Den Leser beenden (die Konsole schließen, den Prozess anhalten). Das Protokoll wird beim nächsten Schreiben von selbst gekürzt.',
    ],
  },
  'database-size': {
    title: 'Die Datenbank bleibt unter ihrer Grenze',
    means:
      'Die Datenbank nähert sich der Größe, bis zu der diese Installation zugesagt ist. Backups dauern länger und brauchen mehr Platz.',
    look_at: [
      'Welche Tabellen wachsen, und seit wann.',
      'Fragen Sie eine Kopie (backupd export), nicht die Datei im Betrieb.',
    ],
    fix: [
      'Löschen, was niemand braucht (alte Fassungen, gesendete Briefe, Protokolle in Tabellen), und den Platz in einer ruhigen Stunde mit VACUUM zurückgeben. Ist das Wachstum gewollt, die Grenze erhöhen oder den Umzug nach PostgreSQL planen.',
    ],
  },
  migrations: {
    title: 'Das Schema ist das, was das Programm braucht',
    means:
      'Programm und Datenbank haben verschiedene Versionen: Eine Auslieferung blieb auf halbem Weg stehen, ein älteres Programm wurde gestartet, oder ein Backup wiederhergestellt, das älter ist als das Programm.',
    look_at: [
      'Welche Migrationen ausstehen: Die Prüfung nennt sie. Welche Version das Programm hat, und welche vorher lief.',
    ],
    fix: [
      'Ausstehende: ausführen, nach einem Backup. Eine Datenbank, die neuer ist als das Programm: das neuere Programm starten oder die Migration zurücknehmen.',
    ],
  },
  backup: {
    title: 'Ein junges Backup lässt sich wiederherstellen',
    means:
      'Ginge das Laufwerk jetzt kaputt, wäre alles verloren, was seit dem neuesten Backup kam, das zum Beweis wiederhergestellt wurde.',
    look_at: ['Ob backupd läuft, was sein letzter Lauf sagte, und ob Platz ist.'],
    fix: [
      'Jetzt eines machen und prüfen. Eines, das sich nicht wiederherstellen lässt: sofort ein neues machen, die alten behalten und lesen, was die Prüfung sagt; eine beschädigte Datenbank zeigt sich hier zuerst. Geschrumpft: herausfinden, was gelöscht wurde, bevor die älteren Backups ausgedünnt werden, und eines festhalten.',
    ],
  },
  memory: {
    title: 'Es ist Speicher übrig',
    means:
      'An der Grenze beendet der Kernel einen Prozess des Containers, meist den Server; er wird wieder gestartet, und Anfragen, die unterwegs waren, sind verloren.',
    look_at: ['Wer ihn braucht, und ob es schon geschah (kills).'],
    fix: [
      'Die Grenze des Containers erhöhen oder senken, was ihn braucht: die Puffer und Leser der Datenbank, das größte Bild, das hochgeladen werden darf. Speicher, der nur wächst, ist ein Fehler: neu starten und mit der Kurve melden.',
    ],
  },
  'file-descriptors': {
    title: 'Dateien und Verbindungen lassen sich öffnen',
    means:
      'An der Grenze wird keine Verbindung angenommen und keine Datei geöffnet: „too many open files“.',
    look_at: ['Was offen ist.'],
    fix: [
      'Viele Verbindungen: Der Proxy davor hält zu viele offen, oder jemand überflutet die Website. Die Grenze erhöhen (LimitNOFILE= von systemd, ulimits: von Compose). Eine Zahl, die nur wächst, ist ein Leck: neu starten und melden.',
    ],
  },
  clock: {
    title: 'Die Uhr läuft nicht rückwärts',
    means:
      'Mit einer zurückgestellten Uhr stehen neue Dinge vor alten, Sitzungen und Backups leben zu lange, und Zertifikate scheinen noch nicht zu gelten.',
    look_at: ['Ob die Uhr im Takt gehalten wird.'],
    fix: [
      'Die Zeitsynchronisation einschalten; auf einer virtuellen Maschine die ihres Wirts. Danach das Programm neu starten.',
    ],
  },
  log: {
    title: 'Das Protokoll wird geschrieben und gewechselt',
    means:
      'Ein Protokoll, das stillsteht, verbirgt, was geschieht; eines, das nicht gewechselt wird, füllt das Laufwerk.',
    look_at: ['Wann es geschrieben wurde, und die älteren Dateien daneben.'],
    fix: [
      'Nicht geschrieben: Das Laufwerk ist voll, die Datei wurde dem Programm weggenommen, oder das Programm hängt; neu starten. Nicht gewechselt: die Einstellungen des Protokolls ansehen, und ob kein zweites Programm dieselbe Datei wechselt.',
    ],
  },
  restarts: {
    title: 'Das Programm läuft durch',
    means:
      'Das Programm endet immer wieder und wird wieder gestartet: Besucher sehen ab und zu Fehler, und niemand weiß, warum.',
    look_at: [
      'Warum es endete: seine letzten Zeilen, der Rückgabewert, was der Kernel beendet hat.',
    ],
    fix: [
      '137 und OOMKilled: siehe Speicher. Eine Zeile mit einer Ursache: die Einstellung oder Datei, die sie nennt. Nach einer Auslieferung: zurück zur vorigen.',
    ],
  },
  version: {
    title: 'Es läuft die Version, die laufen soll',
    means:
      'Eine Auslieferung blieb auf halbem Weg stehen: Die Datei wurde ersetzt und das Programm nicht neu gestartet, oder es läuft eine andere Version als verlangt.',
    look_at: ['Die Version, die läuft, und die Datei, aus der sie gestartet wurde.'],
    fix: ['Das Programm neu starten oder noch einmal ausliefern.'],
  },
  mail: {
    title: 'Briefe gehen hinaus',
    means:
      'Briefe warten in der Datenbank: Der Mailserver antwortet nicht, kennt uns nicht, oder es ist keiner eingestellt. Nichts ist verloren; es wird von selbst wieder versucht.',
    look_at: [
      'Der Grund des letzten Versuchs in der Liste des Postausgangs, und ob der Mailserver spricht.',
    ],
    fix: [
      '[mail] richtig einstellen (smtp_host, smtp_tls, smtp_user, smtp_password) und den Server neu starten, oder den Mailserver zurückholen: Was wartet, geht innerhalb von fünf Minuten hinaus.',
    ],
  },
  'mail-dead': {
    title: 'Kein Brief wurde aufgegeben',
    means:
      'In der letzten Woche wurden Briefe aufgegeben: eine Adresse, die es nicht gibt, oder ein Server, der sie tagelang nicht wollte.',
    look_at: ['Die Gründe, in der Liste des Postausgangs bei den aufgegebenen.'],
    fix: [
      'Die Adresse oder die Ursache beheben und sie dort noch einmal senden; zurücknehmen, worauf niemand mehr wartet. Nach einer Woche sind sie keine Neuigkeit mehr.',
    ],
  },
  social: {
    title: 'Beiträge gehen hinaus',
    means:
      'Ein soziales Netzwerk antwortet nicht oder nimmt das Token nicht. Beiträge warten in der Datenbank; es wird von selbst wieder versucht.',
    look_at: [
      'Der Grund des letzten Versuchs in der Liste des Postausgangs, und die Seite, auf der das Netzwerk sagt, wie es ihm geht.',
    ],
    fix: [
      'Wird das Token nicht genommen, ein neues holen und in den Einstellungen eintragen: Was wartet, wird sofort versucht. Sonst auf das Netzwerk warten.',
    ],
  },
  'social-dead': {
    title: 'Kein Beitrag wurde aufgegeben',
    means: 'In der letzten Woche wurden Beiträge aufgegeben: Ein Netzwerk wollte sie nicht.',
    look_at: ['Die Gründe, in der Liste des Postausgangs bei den aufgegebenen.'],
    fix: [
      'Die Ursache beheben und sie dort noch einmal senden; zurücknehmen, was niemand mehr lesen soll. Nach einer Woche sind sie keine Neuigkeit mehr.',
    ],
  },
  'social-token': {
    title: 'Die Tokens der sozialen Netzwerke gelten',
    means:
      'Ein Token endet bald oder ist abgelaufen, nach dem Tag, der mit ihm eingetragen wurde. Netzwerke beenden sie ohne ein Wort, und Beiträge warten von da an.',
    look_at: ['Die Tage in den Einstellungen, unter den sozialen Netzwerken.'],
    fix: ['Beim Netzwerk ein neues Token holen und mit dem Tag eintragen, an dem es endet.'],
  },
  pictures: {
    title: 'Kleinere Bilder entstehen',
    means:
      'Bilder warten, und aus keinem wurde seit einer Weile etwas. Besucher bekommen sie in voller Größe; nichts ist verloren.',
    look_at: [
      'Das Protokoll des Servers: Es sagt einmal, warum keine kleineren Bilder möglich sind. Solange das Laufwerk fast voll ist, entstehen keine.',
    ],
    fix: [
      'Dem Server einen Medienordner geben, in den er schreiben kann und in dem Platz ist: Es geht von selbst weiter.',
    ],
  },
};

/** By their paths. */
const nodes = {
  disk: 'Laufwerke',
  database: 'Datenbank',
  backup: 'Backups',
  system: 'Rechner',
  program: 'Programm',
  mail: 'E-Mail',
  social: 'Soziale Netzwerke',
  pictures: 'Bilder',
};

/** By their names. */
const values = {
  age: 'Alter',
  backups: 'Backups',
  behind: 'Rückstand',
  commit: 'Dauer eines Commits',
  copies: 'Kopien anderswo',
  dead: 'aufgegeben, eine Woche',
  failed: 'gescheitert',
  free: 'frei',
  full_in: 'voll in',
  inodes_used: 'Inodes belegt',
  jumped: 'gesprungen um',
  kept: 'aufgegeben, insgesamt',
  kills: 'vom Kernel beendet',
  last_day: 'am letzten Tag',
  last_hour: 'in der letzten Stunde',
  latency: 'Dauer',
  left: 'übrig',
  limit: 'Grenze',
  off: 'Abweichung',
  older_files: 'ältere Dateien',
  older_size: 'Größe der älteren',
  oldest_age: 'Alter des ältesten',
  oldest_reader: 'Alter des ältesten Lesers',
  open: 'offen',
  pending: 'ausstehend',
  queue: 'wartende Schreibvorgänge',
  queue_age: 'Alter des ältesten wartenden',
  queued: 'wartend',
  refused: 'abgelehnt',
  replaced: 'Datei ersetzt',
  resident: 'belegt vom Programm',
  shrunk: 'geschrumpft um',
  silent: 'still seit',
  size: 'Größe',
  stalled: 'stillstehend seit',
  tables: 'Tabellen',
  unproven: 'unbewiesen',
  up: 'läuft seit',
  used: 'belegt',
  version: 'Version',
  writable: 'beschreibbar',
};

export const checks = { of, nodes, values };
