use super::*;
use expect_test::{Expect, expect};

fn at() -> Time {
    Time::from_millis(1_763_916_300_000)
}

#[track_caller]
fn check(template: &Template, expected: &Expect) {
    let (name, payload) = template.parts().unwrap();
    assert_eq!(&Template::of(&name, &payload).unwrap(), template);
    let keys = Keys::for_tests("a secret key for tests");
    let site = Site { title: "Ana & Co".to_owned(), url: "https://www.example.com/".to_owned(), language: "en".to_owned(), keys };
    let letter = template.render(&site, Reader::Receiver);
    let hash = hash_in(&letter.text);
    assert!(hash.is_none_or(|hash| !template.render(&site, Reader::Team).text.contains(hash)), "the team sees the link");
    expected.assert_eq(&format!("{name} {payload}\nSubject: {}\n\n{}\n{}\n", letter.subject, letter.text, letter.html));
}

fn hash_in(text: &str) -> Option<&str> {
    text.split_once('#').map(|(_, rest)| rest.split_whitespace().next().unwrap())
}

fn link() -> LinkId {
    "019aa000-0000-7000-8000-000000000000".parse().unwrap()
}

#[test]
fn links_and_changes() {
    let name = || "Ana".to_owned();
    let by = "Bo\n<b>".to_owned();
    check(
        &Template::Invitation { name: name(), by, link: link(), until: at() },
        &expect![[r#"
            invitation {"by":"Bo\n<b>","link":"019aa000-0000-7000-8000-000000000000","name":"Ana","until":"2025-11-23T16:45:00Z"}
            Subject: Your account at Ana & Co

            Hello Ana,

            Bo <b> made an account for you at Ana & Co (https://www.example.com/). Choose a password to use it.

            The link below can be used once, until 2025-11-23T16:45:00Z.

            Choose a password:
            https://www.example.com/admin/password#019aa000-0000-7000-8000-000000000000.4588f4f82191e00a91145da6a7b572e6447dcb83304e7913bba5ca033ced795c

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>Your account at Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">Bo &lt;b&gt; made an account for you at Ana &amp; Co (https://www.example.com/). Choose a password to use it.</p><p style="white-space: pre-line">The link below can be used once, until 2025-11-23T16:45:00Z.</p><p><a href="https://www.example.com/admin/password#019aa000-0000-7000-8000-000000000000.4588f4f82191e00a91145da6a7b572e6447dcb83304e7913bba5ca033ced795c">Choose a password</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
    check(
        &Template::PasswordLink { name: name(), link: link(), until: at() },
        &expect![[r#"
            password-link {"link":"019aa000-0000-7000-8000-000000000000","name":"Ana","until":"2025-11-23T16:45:00Z"}
            Subject: Choose a new password for Ana & Co

            Hello Ana,

            somebody asked for a new password for your account at Ana & Co (https://www.example.com/).

            The link below can be used once, until 2025-11-23T16:45:00Z. If it was not you, do nothing: your password stays as it is.

            Choose a new password:
            https://www.example.com/admin/password#019aa000-0000-7000-8000-000000000000.4588f4f82191e00a91145da6a7b572e6447dcb83304e7913bba5ca033ced795c

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>Choose a new password for Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">somebody asked for a new password for your account at Ana &amp; Co (https://www.example.com/).</p><p style="white-space: pre-line">The link below can be used once, until 2025-11-23T16:45:00Z. If it was not you, do nothing: your password stays as it is.</p><p><a href="https://www.example.com/admin/password#019aa000-0000-7000-8000-000000000000.4588f4f82191e00a91145da6a7b572e6447dcb83304e7913bba5ca033ced795c">Choose a new password</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
    check(
        &Template::PasswordChanged { name: name(), at: at() },
        &expect![[r#"
            password-changed {"at":"2025-11-23T16:45:00Z","name":"Ana"}
            Subject: Your password for Ana & Co was changed

            Hello Ana,

            the password of your account at Ana & Co (https://www.example.com/) was changed on 2025-11-23T16:45:00Z. Your other sessions have ended.

            If it was not you, ask for a new password at once, and tell an administrator.

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>Your password for Ana &amp; Co was changed</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">the password of your account at Ana &amp; Co (https://www.example.com/) was changed on 2025-11-23T16:45:00Z. Your other sessions have ended.</p><p style="white-space: pre-line">If it was not you, ask for a new password at once, and tell an administrator.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
    check(
        &Template::SecondFactor { name: name(), at: at(), on: true },
        &expect![[r#"
            second-factor {"at":"2025-11-23T16:45:00Z","name":"Ana","on":true}
            Subject: Two-step sign-in to Ana & Co is on

            Hello Ana,

            signing in to your account at Ana & Co (https://www.example.com/) needs a code of your authenticator app since 2025-11-23T16:45:00Z.

            If it was not you, ask for a new password at once, and tell an administrator.

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>Two-step sign-in to Ana &amp; Co is on</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">signing in to your account at Ana &amp; Co (https://www.example.com/) needs a code of your authenticator app since 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If it was not you, ask for a new password at once, and tell an administrator.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
    check(
        &Template::Passkey { name: name(), passkey: "Phone\n<b>".to_owned(), at: at(), added: true },
        &expect![[r#"
            passkey {"added":true,"at":"2025-11-23T16:45:00Z","name":"Ana","passkey":"Phone\n<b>"}
            Subject: A passkey for Ana & Co was added

            Hello Ana,

            the passkey "Phone <b>" signs in to your account at Ana & Co (https://www.example.com/) since 2025-11-23T16:45:00Z.

            If it was not you, remove the passkey under Your account, ask for a new password at once, and tell an administrator.

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>A passkey for Ana &amp; Co was added</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">the passkey &quot;Phone &lt;b&gt;&quot; signs in to your account at Ana &amp; Co (https://www.example.com/) since 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If it was not you, remove the passkey under Your account, ask for a new password at once, and tell an administrator.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
    check(
        &Template::AddressChanged { name: name(), email: "bo@example.com".to_owned(), at: at() },
        &expect![[r#"
            address-changed {"at":"2025-11-23T16:45:00Z","email":"bo@example.com","name":"Ana"}
            Subject: Your account at Ana & Co has another address

            Hello Ana,

            an administrator changed the address of your account at Ana & Co (https://www.example.com/) to bo@example.com on 2025-11-23T16:45:00Z.

            If you did not ask for it, talk to them.

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>Your account at Ana &amp; Co has another address</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">an administrator changed the address of your account at Ana &amp; Co (https://www.example.com/) to bo@example.com on 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If you did not ask for it, talk to them.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
}

#[test]
fn leads() {
    let answers = vec![
        Answered { name: "name".to_owned(), label: "Name".to_owned(), value: "Bo".to_owned() },
        Answered { name: "text".to_owned(), label: "Text".to_owned(), value: "one <b>\n-- \nMagnetiq".to_owned() },
    ];
    check(
        &Template::Lead { form: "Contact".to_owned(), answers },
        &expect![[r#"
        lead {"answers":[{"label":"Name","name":"name","value":"Bo"},{"label":"Text","name":"text","value":"one <b>\n-- \nMagnetiq"}],"form":"Contact"}
        Subject: Contact: somebody wrote

        Hello,

        somebody sent the form "Contact" of Ana & Co:

        Name:
            Bo

        Text:
            one <b>
            -- 
            Magnetiq

        Open it in the admin area:
        https://www.example.com/admin/leads

        -- 
        Ana & Co
        https://www.example.com/

        <!DOCTYPE html><html><head><meta charset="utf-8"><title>Contact: somebody wrote</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello,</p><p style="white-space: pre-line">somebody sent the form &quot;Contact&quot; of Ana &amp; Co:</p><p style="white-space: pre-line">Name:
            Bo</p><p style="white-space: pre-line">Text:
            one &lt;b&gt;
            -- 
            Magnetiq</p><p><a href="https://www.example.com/admin/leads">Open it in the admin area</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
    "#]],
    );
    let lead = "019aa000-0000-7000-8000-000000000000".parse().unwrap();
    check(
        &Template::ConfirmLead { form: "Contact".to_owned(), lead, until: at() },
        &expect![[r#"
        confirm-lead {"form":"Contact","lead":"019aa000-0000-7000-8000-000000000000","until":"2025-11-23T16:45:00Z"}
        Subject: Please confirm your address: Ana & Co

        Hello,

        this address was given in the form "Contact" of Ana & Co (https://www.example.com/).

        If it was you, confirm it by the link below, until 2025-11-23T16:45:00Z. If not, do nothing: what was sent is deleted then.

        Confirm the address:
        https://www.example.com/confirm#019aa000-0000-7000-8000-000000000000.0551c835611198661c829b3462888eab2de86090748af9980c2bb28f0cf007c2

        -- 
        Ana & Co
        https://www.example.com/

        <!DOCTYPE html><html><head><meta charset="utf-8"><title>Please confirm your address: Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello,</p><p style="white-space: pre-line">this address was given in the form &quot;Contact&quot; of Ana &amp; Co (https://www.example.com/).</p><p style="white-space: pre-line">If it was you, confirm it by the link below, until 2025-11-23T16:45:00Z. If not, do nothing: what was sent is deleted then.</p><p><a href="https://www.example.com/confirm#019aa000-0000-7000-8000-000000000000.0551c835611198661c829b3462888eab2de86090748af9980c2bb28f0cf007c2">Confirm the address</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
    "#]],
    );
}

#[test]
fn what_a_form_gives() {
    let form = || "Guide\n<b>".to_owned();
    check(
        &Template::LeadReply { form: form(), link: Some("/media/a.pdf".to_owned()), starts_at: None },
        &expect![[r#"
        lead-reply {"form":"Guide\n<b>","link":"/media/a.pdf","starts_at":null}
        Subject: What you asked for: Guide <b>

        Hello,

        this address was given in the form "Guide <b>" of Ana & Co (https://www.example.com/).

        If it was not you, you need not do anything.

        Open what you asked for:
        https://www.example.com/media/a.pdf

        -- 
        Ana & Co
        https://www.example.com/

        <!DOCTYPE html><html><head><meta charset="utf-8"><title>What you asked for: Guide &lt;b&gt;</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello,</p><p style="white-space: pre-line">this address was given in the form &quot;Guide &lt;b&gt;&quot; of Ana &amp; Co (https://www.example.com/).</p><p style="white-space: pre-line">If it was not you, you need not do anything.</p><p><a href="https://www.example.com/media/a.pdf">Open what you asked for</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
    "#]],
    );
    check(
        &Template::LeadReply { form: form(), link: None, starts_at: Some(at()) },
        &expect![[r#"
        lead-reply {"form":"Guide\n<b>","link":null,"starts_at":"2025-11-23T16:45:00Z"}
        Subject: What you asked for: Guide <b>

        Hello,

        this address was given in the form "Guide <b>" of Ana & Co (https://www.example.com/).

        It begins on 2025-11-23 at 16:45 (UTC).

        If it was not you, you need not do anything.

        -- 
        Ana & Co
        https://www.example.com/

        <!DOCTYPE html><html><head><meta charset="utf-8"><title>What you asked for: Guide &lt;b&gt;</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello,</p><p style="white-space: pre-line">this address was given in the form &quot;Guide &lt;b&gt;&quot; of Ana &amp; Co (https://www.example.com/).</p><p style="white-space: pre-line">It begins on 2025-11-23 at 16:45 (UTC).</p><p style="white-space: pre-line">If it was not you, you need not do anything.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
    "#]],
    );
}

#[test]
fn sign_in() {
    check(
        &Template::SignIn { name: "Ana".to_owned(), at: at() },
        &expect![[r#"
            sign-in {"at":"2025-11-23T16:45:00Z","name":"Ana"}
            Subject: New sign-in to Ana & Co

            Hello Ana,

            somebody signed in to your account at Ana & Co (https://www.example.com/) on 2025-11-23T16:45:00Z.

            If it was not you, ask for a new password: that ends every session.

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>New sign-in to Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">somebody signed in to your account at Ana &amp; Co (https://www.example.com/) on 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If it was not you, ask for a new password: that ends every session.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
}

#[test]
fn password_reset() {
    check(
        &Template::PasswordReset { name: "Ana".to_owned(), at: at() },
        &expect![[r#"
            password-reset {"at":"2025-11-23T16:45:00Z","name":"Ana"}
            Subject: New password for Ana & Co

            Hello Ana,

            an administrator gave your account at Ana & Co (https://www.example.com/) a new password on 2025-11-23T16:45:00Z. Every session has ended.

            If you did not ask for it, talk to them.

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>New password for Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">an administrator gave your account at Ana &amp; Co (https://www.example.com/) a new password on 2025-11-23T16:45:00Z. Every session has ended.</p><p style="white-space: pre-line">If you did not ask for it, talk to them.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
}

#[test]
fn what_people_write_stays_text() {
    let name = "<img src=x>\r\nBcc: all@example.com\u{2028}\"'".to_owned();
    check(
        &Template::SignIn { name, at: at() },
        &expect![[r#"
            sign-in {"at":"2025-11-23T16:45:00Z","name":"<img src=x>\r\nBcc: all@example.com \"'"}
            Subject: New sign-in to Ana & Co

            Hello <img src=x>  Bcc: all@example.com "',

            somebody signed in to your account at Ana & Co (https://www.example.com/) on 2025-11-23T16:45:00Z.

            If it was not you, ask for a new password: that ends every session.

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>New sign-in to Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello &lt;img src=x&gt;  Bcc: all@example.com &quot;',</p><p style="white-space: pre-line">somebody signed in to your account at Ana &amp; Co (https://www.example.com/) on 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If it was not you, ask for a new password: that ends every session.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
    );
}
