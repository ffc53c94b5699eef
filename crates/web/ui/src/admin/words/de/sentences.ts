/*
 * What the server says when it refuses something, as it stands in its source, and in German. `{}` is what it puts in: numbers,
 * names, reasons. A test says when one of the general sentences is missing here, or the server says one differently.
 */
export const sentences: [english: string, german: string][] = [
  ['There is no such page.', 'Diese Seite gibt es nicht.'],
  ['There is no such revision of this page.', 'Diese Fassung der Seite gibt es nicht.'],
  ['There is no such file.', 'Diese Datei gibt es nicht.'],
  [
    'There is no such upload, or its time is over. Begin it anew.',
    'Diesen Upload gibt es nicht, oder seine Zeit ist um. Beginnen Sie ihn neu.',
  ],
  ['The site has no pages in this language.', 'Die Website hat keine Seiten in dieser Sprache.'],
  ['There is no such menu.', 'Dieses Menü gibt es nicht.'],
  ['No page has this tag.', 'Keine Seite hat dieses Schlagwort.'],
  [
    'There is no such form, or it is closed.',
    'Dieses Formular gibt es nicht, oder es ist geschlossen.',
  ],
  ['There is nothing here.', 'Hier ist nichts.'],
  ['Sign in to do this.', 'Melden Sie sich dafür an.'],
  [
    'Your account may not do this: it needs the role {}.',
    'Ihr Konto darf das nicht: Dafür braucht es die Rolle {}.',
  ],
  [
    'The e-mail address or the password is wrong.',
    'Die E-Mail-Adresse oder das Passwort stimmt nicht.',
  ],
  [
    'Too many attempts. Try again in {} seconds.',
    'Zu viele Versuche. Versuchen Sie es in {} Sekunden wieder.',
  ],
  [
    'Too many requests. Try again in {} seconds.',
    'Zu viele Anfragen. Versuchen Sie es in {} Sekunden wieder.',
  ],
  [
    'Too many streams of events are open. One is enough for all windows of a browser.',
    'Zu viele Verbindungen für Neuigkeiten sind offen. Eine genügt für alle Fenster eines Browsers.',
  ],
  ['This address takes {} only.', 'Diese Adresse nimmt nur {}.'],
  [
    'Use a passkey, or type the code that your authenticator app shows, or a recovery code.',
    'Nehmen Sie einen Passkey, oder tippen Sie den Code Ihrer Authenticator-App oder einen Wiederherstellungscode.',
  ],
  [
    'The code is wrong, or was used already. Codes change every 30 seconds.',
    'Der Code stimmt nicht, oder er wurde schon benutzt. Codes wechseln alle 30 Sekunden.',
  ],
  [
    'This passkey is not taken: it is not known here, or the attempt took longer than five minutes. Try again, or sign in with your password.',
    'Dieser Passkey gilt nicht: Er ist hier nicht bekannt, oder der Versuch dauerte länger als fünf Minuten. Versuchen Sie es noch einmal, oder melden Sie sich mit Ihrem Passwort an.',
  ],
  [
    'There are no passkeys here: the address in server.public_url has no host name.',
    'Hier gibt es keine Passkeys: Die Adresse in server.public_url hat keinen Rechnernamen.',
  ],
  [
    'This link was used already or has ended. Ask for a new one.',
    'Dieser Link wurde schon benutzt oder ist abgelaufen. Bitten Sie um einen neuen.',
  ],
  [
    'This is the last account that can administer the site. Make another one an administrator first.',
    'Das ist das letzte Konto, das die Website verwalten kann. Machen Sie zuerst ein anderes zum Administrator.',
  ],
  ['A token may not do this: sign in.', 'Ein Token darf das nicht: Melden Sie sich an.'],
  [
    'This token was made for another part of the admin area.',
    'Dieses Token ist für einen anderen Teil der Verwaltung.',
  ],
  [
    'The request came from another site and was not done.',
    'Die Anfrage kam von einer anderen Website und wurde nicht ausgeführt.',
  ],
  ["The body can't be read: {}.", 'Der Inhalt ist nicht lesbar: {}.'],
  ['Some fields are not as they must be.', 'Einige Felder sind nicht so, wie sie sein müssen.'],
  [
    "Send the ETag that you saw in If-Match, so that nobody's change is overwritten unseen.",
    'Senden Sie das ETag, das Sie sahen, in If-Match, damit niemandes Änderung ungesehen überschrieben wird.',
  ],
  [
    'Somebody else changed this meanwhile: it is at revision {}.',
    'Jemand anders hat das inzwischen geändert: Es ist bei Fassung {}.',
  ],
  ['This is larger than the limit of {}.', 'Das ist größer als die Grenze von {}.'],
  ['This kind of file is not taken: {}.', 'Diese Art von Datei wird nicht angenommen: {}.'],
  [
    'This Idempotency-Key was sent with another request. Each request has a key of its own.',
    'Dieser Idempotency-Key kam schon mit einer anderen Anfrage. Jede Anfrage hat einen eigenen.',
  ],
  [
    'A request with this Idempotency-Key runs, or was cut off: look whether it was done before you send it with another key.',
    'Eine Anfrage mit diesem Idempotency-Key läuft oder brach ab: Sehen Sie nach, ob sie ausgeführt ist, bevor Sie sie mit einem anderen senden.',
  ],
  [
    'Bodies with a Content-Encoding are not read: send them as they are.',
    'Inhalte mit Content-Encoding werden nicht gelesen: Senden Sie sie, wie sie sind.',
  ],
  ['The file is shown on: {}.', 'Die Datei ist zu sehen auf: {}.'],
  [
    'The media library may hold {}, and {} are left. Delete what no page shows, or ask for more room (media.quota_bytes).',
    'Die Mediathek darf {} fassen, und {} sind frei. Löschen Sie, was keine Seite zeigt, oder bitten Sie um mehr Platz (media.quota_bytes).',
  ],
  [
    '{} has this content already, and each content is kept once.',
    '{} hat schon diesen Inhalt, und jeder Inhalt wird einmal aufbewahrt.',
  ],
  [
    '{} had this content before it was replaced, and its address leads to the new one. Replace it back, or delete it.',
    '{} hatte diesen Inhalt, bevor sie ersetzt wurde, und ihre Adresse führt zum neuen. Ersetzen Sie sie zurück, oder löschen Sie sie.',
  ],
  [
    'You have {} uploads open, which is the most. Finish one, or give one up.',
    'Sie haben {} Uploads offen, mehr geht nicht. Beenden Sie einen, oder geben Sie einen auf.',
  ],
  [
    'A part of this upload is coming already. Try again in a moment.',
    'Ein Teil dieses Uploads kommt gerade. Versuchen Sie es gleich noch einmal.',
  ],
  [
    'The server has {} bytes of this upload: go on there.',
    'Der Server hat {} Bytes dieses Uploads: Dort geht es weiter.',
  ],
  [
    'This upload was to have {} bytes, and more came.',
    'Dieser Upload sollte {} Bytes haben, und es kamen mehr.',
  ],
  [
    'The part is not what its checksum says, and was not kept. Send it again.',
    'Der Teil passt nicht zu seiner Prüfsumme und wurde verworfen. Senden Sie ihn noch einmal.',
  ],
  [
    'Uploads in parts speak tus 1.0.0: send Tus-Resumable: 1.0.0.',
    'Uploads in Teilen sprechen tus 1.0.0: Senden Sie Tus-Resumable: 1.0.0.',
  ],
  [
    '{} lead(s) came through this form. Close it, or delete them first.',
    'Durch dieses Formular kamen {} Anfragen. Schließen Sie es, oder löschen Sie die zuerst.',
  ],
  [
    'The form was open for too long. Load it again and send it once more.',
    'Das Formular war zu lange offen. Laden Sie es neu, und senden Sie es noch einmal.',
  ],
  [
    'This letter was not given up: it waits to be sent, or was sent already.',
    'Dieser Brief wurde nicht aufgegeben: Er wartet auf den Versand oder ist schon fort.',
  ],
  [
    'This does not wait any more: it is being sent, was sent already, or was taken back.',
    'Das wartet nicht mehr: Es wird gerade gesendet, ist schon fort oder wurde zurückgenommen.',
  ],
  ['A backup is being made already.', 'Ein Backup wird schon gemacht.'],
  [
    "The backup daemon (backup.url) can't be asked: {}.",
    'Der Backup-Dienst (backup.url) ist nicht zu fragen: {}.',
  ],
  ['There is no such backup.', 'Dieses Backup gibt es nicht.'],
  ["This backup can't be used: {}.", 'Dieses Backup ist nicht zu gebrauchen: {}.'],
  [
    'The disk is nearly full: no files are taken until space is freed. Pages can still be written.',
    'Das Laufwerk ist fast voll: Dateien werden erst wieder angenommen, wenn Platz frei ist. Seiten lassen sich noch schreiben.',
  ],
  [
    "The folder of files can't be written to at the moment. What is there can be read.",
    'In den Ordner der Dateien lässt sich gerade nicht schreiben. Was da ist, ist lesbar.',
  ],
  [
    'The disk is nearly full: nothing can be saved until space is freed. Everything can be read, and deleting helps.',
    'Das Laufwerk ist fast voll: Es wird erst wieder gespeichert, wenn Platz frei ist. Alles ist lesbar, und Löschen hilft.',
  ],
  ['The request took too long to arrive.', 'Die Anfrage brauchte zu lange, um anzukommen.'],
  [
    'This needs the token of health.token: send it as Authorization: Bearer.',
    'Das braucht das Token aus health.token: Senden Sie es als Authorization: Bearer.',
  ],
  [
    'The disk is full: nothing can be saved until space is freed.',
    'Das Laufwerk ist voll: Es wird erst wieder gespeichert, wenn Platz frei ist.',
  ],
  [
    'The server has too much to do right now. Try again in a moment.',
    'Der Server hat gerade zu viel zu tun. Versuchen Sie es gleich noch einmal.',
  ],
  [
    'Something went wrong on the server. It was logged under this request id.',
    'Auf dem Server ging etwas schief. Im Protokoll steht es unter dieser Anfragenummer.',
  ],

  // Beside a field.
  [
    'This is no e-mail address, as in ana@example.com.',
    'Das ist keine E-Mail-Adresse wie ana@example.com.',
  ],
  [
    'A tag has 1 to 50 characters, on one line and without a comma.',
    'Ein Schlagwort hat 1 bis 50 Zeichen, in einer Zeile und ohne Komma.',
  ],
  [
    'A tag has 1 to {} characters, on one line and without a comma, and is not a dot or two.',
    'Ein Schlagwort hat 1 bis {} Zeichen, in einer Zeile und ohne Komma, und besteht nicht nur aus einem Punkt oder zweien.',
  ],
  ['Your account is {} itself.', 'Ihr Konto ist selbst {}.'],
  [
    "What the device answered can't be taken, or it took longer than five minutes. Try again.",
    'Was das Gerät antwortete, gilt nicht, oder es dauerte länger als fünf Minuten. Versuchen Sie es noch einmal.',
  ],
  ['This passkey is here already.', 'Dieser Passkey ist schon da.'],
  [
    'This page has a translation into this language already.',
    'Diese Seite hat schon eine Übersetzung in diese Sprache.',
  ],
  ['This address is taken by another page.', 'Diese Adresse hat schon eine andere Seite.'],
  ['There is no such page beside this one.', 'Eine solche Seite gibt es neben dieser nicht.'],
  ['There is no such page any more.', 'Diese Seite gibt es nicht mehr.'],
  [
    'There is no second factor that codes could replace.',
    'Es gibt keinen zweiten Faktor, den Codes ersetzen könnten.',
  ],
  ['There is an account for {} already.', 'Für {} gibt es schon ein Konto.'],
  [
    'There is a menu of this name in this language already.',
    'Ein Menü mit diesem Namen gibt es in dieser Sprache schon.',
  ],
  [
    'The second factor is on already: remove it first.',
    'Der zweite Faktor ist schon an: Entfernen Sie ihn zuerst.',
  ],
  ['The password is wrong.', 'Das Passwort stimmt nicht.'],
  [
    'Type it again: it would be told to another server.',
    'Geben Sie es noch einmal ein: Es würde einem anderen Server mitgeteilt.',
  ],
  [
    'The code is wrong: check the clock of the device that shows it, and type the one that it shows now.',
    'Der Code stimmt nicht: Prüfen Sie die Uhr des Geräts, das ihn zeigt, und tippen Sie den, den es jetzt zeigt.',
  ],
  [
    'An address of this site that begins with /, as /media/…, or one with https.',
    'Eine Adresse dieser Website, die mit / beginnt, wie /media/…, oder eine mit https.',
  ],
  ['Only a webinar begins at a time.', 'Nur ein Webinar hat einen Beginn.'],
  ['A moment since 1970.', 'Ein Zeitpunkt seit 1970.'],
  ['Another form has this address.', 'Diese Adresse hat schon ein anderes Formular.'],
  [
    'An account has at most {} tokens: revoke one that is not used.',
    'Ein Konto hat höchstens {} Tokens: Ziehen Sie eines zurück, das niemand braucht.',
  ],
  [
    'An account has at most {} passkeys: remove one that is not used.',
    'Ein Konto hat höchstens {} Passkeys: Entfernen Sie einen, den niemand braucht.',
  ],
  [
    'A token ends in the future, within 366 days.',
    'Ein Token endet in der Zukunft, innerhalb von 366 Tagen.',
  ],
  ['A post says something.', 'Ein Beitrag sagt etwas.'],
  ['A note has at most {} characters.', 'Eine Notiz hat höchstens {} Zeichen.'],
  ['A name has 1 to {} characters, on one line.', 'Ein Name hat 1 bis {} Zeichen, in einer Zeile.'],
  [
    'A moment in the future, within a year.',
    'Ein Zeitpunkt in der Zukunft, innerhalb eines Jahres.',
  ],
  ['A menu has at most {} levels.', 'Ein Menü hat höchstens {} Ebenen.'],
  ['A code has six digits.', 'Ein Code hat sechs Ziffern.'],
  ['At most {} characters, on one line.', 'Höchstens {} Zeichen, in einer Zeile.'],
  ['At most {} characters.', 'Höchstens {} Zeichen.'],
  ['At most {} tags.', 'Höchstens {} Schlagwörter.'],
  ['A page has at most {} tags.', 'Eine Seite hat höchstens {} Schlagwörter.'],
  [
    'A line leads to a page, to an address, or has lines below it.',
    'Eine Zeile führt zu einer Seite, zu einer Adresse oder hat Zeilen unter sich.',
  ],
  [
    'A line that leads to no page needs a text.',
    'Eine Zeile, die zu keiner Seite führt, braucht einen Text.',
  ],
  ['A link begins with https:// or http://.', 'Ein Link beginnt mit https:// oder http://.'],
  [
    'A moment in the future, within five years.',
    'Ein Zeitpunkt in der Zukunft, innerhalb von fünf Jahren.',
  ],
  [
    'A name has lower-case letters, digits and _, at most 40, a letter first.',
    'Ein Name hat kleine Buchstaben, Ziffern und _, höchstens 40, zuerst einen Buchstaben.',
  ],
  ['A page needs a title.', 'Eine Seite braucht einen Titel.'],
  ['A page needs an address.', 'Eine Seite braucht eine Adresse.'],
  [
    'A post has no control characters but line ends.',
    'Ein Beitrag hat außer Zeilenenden keine Steuerzeichen.',
  ],
  ['A summary is one line of text.', 'Eine Zusammenfassung ist eine Zeile Text.'],
  ['A title is one line of text.', 'Ein Titel ist eine Zeile Text.'],
  [
    'A whole address, as in https://example.com/original.',
    'Eine ganze Adresse wie https://example.com/original.',
  ],
  [
    'An address has 1 to 100 lower-case letters, digits and hyphens.',
    'Eine Adresse hat 1 bis 100 kleine Buchstaben, Ziffern und Bindestriche.',
  ],
  [
    'An address is made of a-z, 0-9 and hyphens, with / between its parts, as in guides/backup.',
    'Eine Adresse besteht aus a-z, 0-9 und Bindestrichen, mit / zwischen ihren Teilen, wie guides/backup.',
  ],
  [
    'An address with http, https or mailto, or one of this site that begins with /, as in /search.',
    'Eine Adresse mit http, https oder mailto, oder eine dieser Website, die mit / beginnt, wie /search.',
  ],
  ['Another field has this name.', 'Ein anderes Feld hat diesen Namen.'],
  ['It is hidden after it was published.', 'Verborgen wird nach dem Veröffentlichen.'],
  ['It is named twice.', 'Es ist zweimal genannt.'],
  ['Name a network at least.', 'Nennen Sie mindestens ein Netzwerk.'],
  [
    'Name the areas, each once, or leave them out for all of them.',
    'Nennen Sie die Bereiche, jeden einmal, oder lassen Sie sie weg für alle.',
  ],
  ['Only a choice has options.', 'Nur eine Auswahl hat Möglichkeiten.'],
  [
    'The page is hidden: say when it is published, too.',
    'Die Seite ist verborgen: Sagen Sie auch, wann sie veröffentlicht wird.',
  ],
  [
    'The page is published already, and has no changes that wait for it.',
    'Die Seite ist schon veröffentlicht, und keine Änderungen warten darauf.',
  ],
  ['There is no such setting here.', 'Diese Einstellung gibt es hier nicht.'],
  [
    'This password is known from breaches, or is one with something added: such are tried first. A few words that have nothing to do with each other make a better one.',
    'Dieses Passwort ist aus Datenlecks bekannt, oder es ist eines mit einem Zusatz: Solche werden zuerst versucht. Ein paar Wörter, die nichts miteinander zu tun haben, sind besser.',
  ],
  [
    'This password is made of your address, your name or the name of the site, which is tried early.',
    'Dieses Passwort besteht aus Ihrer Adresse, Ihrem Namen oder dem Namen der Website; das wird früh versucht.',
  ],
  [
    'To a page or to an address, not to both.',
    'Zu einer Seite oder zu einer Adresse, nicht zu beidem.',
  ],
  [
    'To confirm an address the form needs a required field for one.',
    'Um eine Adresse zu bestätigen, braucht das Formular ein Pflichtfeld dafür.',
  ],
  ['Two options are the same.', 'Zwei Möglichkeiten sind gleich.'],
];
