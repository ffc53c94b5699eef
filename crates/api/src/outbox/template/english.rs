//! The texts in English, for sites in every language but those that have texts of their own.

use super::{Draft, Links, Site, Template, lines, moment, one_line};

pub(super) fn draft(template: &Template, site: &Site, links: &Links<'_>) -> Draft {
    let Site { title, url, .. } = site;
    let hello = |name: &str| format!("Hello {},", one_line(name));
    match template {
        Template::SignIn { name, at } => Draft {
            subject: format!("New sign-in to {title}"),
            greeting: hello(name),
            paragraphs: vec![
                format!("somebody signed in to your account at {title} ({url}) on {at}."),
                "If it was not you, ask for a new password: that ends every session.".to_owned(),
            ],
            action: None,
        },
        Template::PasswordReset { name, at } => Draft {
            subject: format!("New password for {title}"),
            greeting: hello(name),
            paragraphs: vec![
                format!("an administrator gave your account at {title} ({url}) a new password on {at}. Every session has ended."),
                "If you did not ask for it, talk to them.".to_owned(),
            ],
            action: None,
        },
        Template::Invitation { name, by, link: id, until } => Draft {
            subject: format!("Your account at {title}"),
            greeting: hello(name),
            paragraphs: vec![
                format!("{} made an account for you at {title} ({url}). Choose a password to use it.", one_line(by)),
                format!("The link below can be used once, until {until}."),
            ],
            action: Some(("Choose a password", links.password(*id))),
        },
        Template::PasswordLink { name, link: id, until } => Draft {
            subject: format!("Choose a new password for {title}"),
            greeting: hello(name),
            paragraphs: vec![
                format!("somebody asked for a new password for your account at {title} ({url})."),
                format!("The link below can be used once, until {until}. If it was not you, do nothing: your password stays as it is."),
            ],
            action: Some(("Choose a new password", links.password(*id))),
        },
        Template::PasswordChanged { name, at } => Draft {
            subject: format!("Your password for {title} was changed"),
            greeting: hello(name),
            paragraphs: vec![
                format!("the password of your account at {title} ({url}) was changed on {at}. Your other sessions have ended."),
                "If it was not you, ask for a new password at once, and tell an administrator.".to_owned(),
            ],
            action: None,
        },
        Template::SecondFactor { name, at, on } => Draft {
            subject: format!("Two-step sign-in to {title} is {}", if *on { "on" } else { "off" }),
            greeting: hello(name),
            paragraphs: vec![
                if *on {
                    format!("signing in to your account at {title} ({url}) needs a code of your authenticator app since {at}.")
                } else {
                    format!("no code of an authenticator app is needed to sign in to your account at {title} ({url}) since {at}.")
                },
                "If it was not you, ask for a new password at once, and tell an administrator.".to_owned(),
            ],
            action: None,
        },
        Template::Passkey { name, passkey, at, added } => Draft {
            subject: format!("A passkey for {title} was {}", if *added { "added" } else { "removed" }),
            greeting: hello(name),
            paragraphs: vec![
                if *added {
                    format!("the passkey \"{}\" signs in to your account at {title} ({url}) since {at}.", one_line(passkey))
                } else {
                    format!("the passkey \"{}\" was removed from your account at {title} ({url}) on {at}.", one_line(passkey))
                },
                if *added {
                    // A new password does not end it.
                    "If it was not you, remove the passkey under Your account, ask for a new password at once, and tell an administrator."
                } else {
                    "If it was not you, ask for a new password at once, and tell an administrator."
                }
                .to_owned(),
            ],
            action: None,
        },
        Template::AddressChanged { name, email, at } => Draft {
            subject: format!("Your account at {title} has another address"),
            greeting: hello(name),
            paragraphs: vec![
                format!("an administrator changed the address of your account at {title} ({url}) to {} on {at}.", one_line(email)),
                "If you did not ask for it, talk to them.".to_owned(),
            ],
            action: None,
        },
        Template::Lead { form, answers } => Draft {
            subject: format!("{}: somebody wrote", one_line(form)),
            greeting: "Hello,".to_owned(),
            paragraphs: [format!("somebody sent the form \"{}\" of {title}:", one_line(form))]
                .into_iter()
                .chain(answers.iter().map(|answer| format!("{}:\n{}", one_line(&answer.label), lines(&answer.value))))
                .collect(),
            action: Some(("Open it in the admin area", format!("{url}admin/leads"))),
        },
        Template::ConfirmLead { form, lead, until } => Draft {
            subject: format!("Please confirm your address: {title}"),
            greeting: "Hello,".to_owned(),
            paragraphs: vec![
                format!("this address was given in the form \"{}\" of {title} ({url}).", one_line(form)),
                format!("If it was you, confirm it by the link below, until {until}. If not, do nothing: what was sent is deleted then."),
            ],
            action: Some(("Confirm the address", links.lead(*lead))),
        },
        Template::LeadReply { form, link, starts_at } => {
            let begins = starts_at.map(|time| format!("It begins on {}.", moment(time, "%Y-%m-%d at %H:%M (UTC)")));
            let sent = format!("this address was given in the form \"{}\" of {title} ({url}).", one_line(form));
            let otherwise = "If it was not you, you need not do anything.".to_owned();
            Draft {
                subject: format!("What you asked for: {}", one_line(form)),
                greeting: "Hello,".to_owned(),
                paragraphs: [Some(sent), begins, Some(otherwise)].into_iter().flatten().collect(),
                action: link.as_ref().map(|link| ("Open what you asked for", links.given(link))),
            }
        }
        Template::Test { by, at } => Draft {
            subject: format!("Test: mail of {title}"),
            greeting: "Hello,".to_owned(),
            paragraphs: vec![
                format!("{} sent this letter from {title} ({url}) on {at}, to see whether letters arrive.", one_line(by)),
                "It did. There is nothing to do.".to_owned(),
            ],
            action: None,
        },
    }
}
