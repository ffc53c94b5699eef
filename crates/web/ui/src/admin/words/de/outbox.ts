import type { AdminWords } from '../words';

export const outbox: AdminWords['outbox'] = {
  title: 'Postausgang',
  the_outbox: 'den Postausgang',
  the_letter: 'die E-Mail',
  search: 'Adressen durchsuchen',
  show: 'Zeigen',
  all: 'Alle',
  states: {
    queued: 'Wartet',
    leased: 'Wird gesendet',
    sent: 'Gesendet',
    dead: 'Aufgegeben',
    cancelled: 'Zurückgenommen',
  },
  kinds: {
    mail: 'E-Mails',
    mastodon: 'Mastodon',
    linkedin: 'LinkedIn',
    x: 'X',
  },
  nothing_matches: 'Keine E-Mail passt',
  nothing_matches_text:
    'Versuchen Sie es mit einem anderen Teil der Adresse, oder zeigen Sie alle.',
  nothing: 'Noch keine E-Mails',
  nothing_text: 'Hier steht, was die Website sendet.',
  letters: 'E-Mails',
  to: 'An',
  state: 'Stand',
  written: 'Geschrieben',
  what_can_be_done: 'Was sich tun lässt',
  attempts: {
    one: '{count} Versuch',
    other: '{count} Versuche',
  },
  letter: 'E-Mail',
  post: 'Beitrag',
  form: 'Form',
  forms: {
    text: 'Text',
    html: 'HTML',
  },
  to_whom: 'An {target}',
  unknown_text: 'Diese Version des Programms kennt seinen Text nicht.',
  send_again: 'Noch einmal senden',
  sent_again: 'Die E-Mail wird noch einmal gesendet.',
  take_back: 'Zurücknehmen',
  take_back_title: 'Nie senden?',
  take_back_text:
    'Es wurde aufgegeben und lässt sich jetzt noch einmal senden. Ist es zurückgenommen, geht das nicht mehr.',
  taken_back: 'Zurückgenommen. Es wird nicht gesendet.',
  samples: {
    title: 'Alle E-Mails',
    the_letters: 'die E-Mails',
    about:
      'Jede E-Mail, die diese Website sendet, mit erfundenen Namen. Sie sind deutsch, wo die Seiten deutsch sind, und sonst englisch.',
    language: 'Sprache der E-Mails',
    when: {
      'sign-in': 'Jemand hat sich bei einem Konto angemeldet.',
      'password-reset': 'Wer den Server betreibt, hat einem Konto ein neues Passwort gegeben.',
      invitation: 'Jemand hat ein Konto bekommen und soll ein Passwort wählen.',
      'password-link':
        'Jemand hat um einen Link für ein neues Passwort gebeten, oder ein Administrator hat einen gesendet.',
      'password-changed': 'Ein Passwort wurde gewählt.',
      'second-factor':
        'Die Anmeldung in zwei Schritten wurde bei einem Konto an- oder abgeschaltet.',
      passkey: 'Ein Passkey eines Kontos kam hinzu oder ging.',
      'address-changed':
        'Ein Administrator hat einem Konto eine andere Adresse gegeben; dies geht an die vorige.',
      lead: 'Jemand hat ein Formular gesendet; dies geht an das Team.',
      'confirm-lead': 'Jemand hat ein Formular gesendet und soll die Adresse bestätigen.',
      'lead-reply': 'Jemand hat ein Formular mit einem Link gesendet und bekommt ihn.',
      test: 'Ein Administrator will sehen, ob E-Mails ankommen.',
    },
  },
};
