//! The same texts in German, for sites whose language it is.

use super::{Draft, Links, Site, Template, lines, moment, one_line};

pub(super) fn draft(template: &Template, site: &Site, links: &Links<'_>) -> Draft {
    let Site { title, url, .. } = site;
    let hello = |name: &str| format!("Hallo {},", one_line(name));
    let admins = "Wenn Sie das nicht waren, fordern Sie sofort ein neues Passwort an und sagen Sie es einem Administrator.".to_owned();
    match template {
        Template::SignIn { name, at } => Draft {
            subject: format!("Neue Anmeldung bei {title}"),
            greeting: hello(name),
            paragraphs: vec![
                format!("am {at} hat sich jemand mit Ihrem Konto bei {title} ({url}) angemeldet."),
                "Wenn Sie das nicht waren, fordern Sie ein neues Passwort an: damit enden alle Sitzungen.".to_owned(),
            ],
            action: None,
        },
        Template::PasswordReset { name, at } => Draft {
            subject: format!("Neues Passwort für {title}"),
            greeting: hello(name),
            paragraphs: vec![
                format!(
                    "ein Administrator hat Ihrem Konto bei {title} ({url}) am {at} ein neues Passwort gegeben. Alle Sitzungen sind beendet."
                ),
                "Wenn Sie nicht darum gebeten haben, sprechen Sie mit ihm.".to_owned(),
            ],
            action: None,
        },
        Template::Invitation { name, by, link, until } => Draft {
            subject: format!("Ihr Konto bei {title}"),
            greeting: hello(name),
            paragraphs: vec![
                format!("{} hat für Sie ein Konto bei {title} ({url}) angelegt. Wählen Sie ein Passwort, um es zu benutzen.", one_line(by)),
                format!("Der Link gilt einmal, bis {until}."),
            ],
            action: Some(("Passwort wählen", links.password(*link))),
        },
        Template::PasswordLink { name, link, until } => Draft {
            subject: format!("Neues Passwort für {title} wählen"),
            greeting: hello(name),
            paragraphs: vec![
                format!("jemand hat ein neues Passwort für Ihr Konto bei {title} ({url}) angefordert."),
                format!("Der Link gilt einmal, bis {until}. Wenn Sie das nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist."),
            ],
            action: Some(("Neues Passwort wählen", links.password(*link))),
        },
        Template::PasswordChanged { name, at } => Draft {
            subject: format!("Ihr Passwort für {title} wurde geändert"),
            greeting: hello(name),
            paragraphs: vec![
                format!("das Passwort Ihres Kontos bei {title} ({url}) wurde am {at} geändert. Ihre anderen Sitzungen sind beendet."),
                admins,
            ],
            action: None,
        },
        Template::SecondFactor { name, at, on } => Draft {
            subject: format!("Anmeldung in zwei Schritten bei {title} ist {}", if *on { "an" } else { "aus" }),
            greeting: hello(name),
            paragraphs: vec![
                if *on {
                    format!("die Anmeldung bei {title} ({url}) braucht seit {at} einen Code Ihrer Authenticator-App.")
                } else {
                    format!("die Anmeldung bei {title} ({url}) braucht seit {at} nur noch das Passwort.")
                },
                admins,
            ],
            action: None,
        },
        Template::Passkey { name, passkey, at, added } => Draft {
            subject: format!("Ein Passkey für {title} wurde {}", if *added { "hinzugefügt" } else { "entfernt" }),
            greeting: hello(name),
            paragraphs: vec![
                if *added {
                    format!("der Passkey „{}“ meldet seit {at} bei Ihrem Konto bei {title} ({url}) an.", one_line(passkey))
                } else {
                    format!("der Passkey „{}“ wurde am {at} von Ihrem Konto bei {title} ({url}) entfernt.", one_line(passkey))
                },
                if *added {
                    "Wenn Sie das nicht waren, entfernen Sie den Passkey unter „Ihr Konto“, fordern Sie sofort ein neues Passwort an und sagen Sie es einem Administrator.".to_owned()
                } else {
                    admins
                },
            ],
            action: None,
        },
        Template::AddressChanged { name, email, at } => Draft {
            subject: format!("Ihr Konto bei {title} hat eine andere Adresse"),
            greeting: hello(name),
            paragraphs: vec![
                format!("ein Administrator hat die Adresse Ihres Kontos bei {title} ({url}) am {at} in {} geändert.", one_line(email)),
                "Wenn Sie nicht darum gebeten haben, sprechen Sie mit ihm.".to_owned(),
            ],
            action: None,
        },
        Template::Lead { form, answers } => Draft {
            subject: format!("{}: jemand hat geschrieben", one_line(form)),
            greeting: "Hallo,".to_owned(),
            paragraphs: [format!("jemand hat das Formular „{}“ von {title} abgeschickt:", one_line(form))]
                .into_iter()
                .chain(answers.iter().map(|answer| format!("{}:\n{}", one_line(&answer.label), lines(&answer.value))))
                .collect(),
            action: Some(("Im Admin-Bereich öffnen", format!("{url}admin/leads"))),
        },
        Template::ConfirmLead { form, lead, until } => Draft {
            subject: format!("Bitte bestätigen Sie Ihre Adresse: {title}"),
            greeting: "Hallo,".to_owned(),
            paragraphs: vec![
                format!("diese Adresse wurde im Formular „{}“ von {title} ({url}) angegeben.", one_line(form)),
                format!(
                    "Wenn Sie das waren, bestätigen Sie sie mit dem Link, bis {until}. Wenn nicht, tun Sie nichts: dann wird gelöscht, was gesendet wurde."
                ),
            ],
            action: Some(("Adresse bestätigen", links.lead(*lead))),
        },
        Template::LeadReply { form, link, starts_at } => {
            let begins = starts_at.map(|time| format!("Beginn: {}.", moment(time, "%d.%m.%Y um %H:%M Uhr (UTC)")));
            let sent = format!("diese Adresse wurde im Formular „{}“ von {title} ({url}) angegeben.", one_line(form));
            let otherwise = "Wenn Sie das nicht waren, müssen Sie nichts tun.".to_owned();
            Draft {
                subject: format!("Was Sie angefordert haben: {}", one_line(form)),
                greeting: "Hallo,".to_owned(),
                paragraphs: [Some(sent), begins, Some(otherwise)].into_iter().flatten().collect(),
                action: link.as_ref().map(|link| ("Öffnen, was Sie angefordert haben", links.given(link))),
            }
        }
        Template::Test { by, at } => Draft {
            subject: format!("Test: Post von {title}"),
            greeting: "Hallo,".to_owned(),
            paragraphs: vec![
                format!("{} hat diesen Brief am {at} von {title} ({url}) geschickt, um zu sehen, ob Briefe ankommen.", one_line(by)),
                "Er ist angekommen. Sie müssen nichts tun.".to_owned(),
            ],
            action: None,
        },
    }
}
