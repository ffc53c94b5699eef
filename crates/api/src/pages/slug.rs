//! Slugs: the address of a page on the site, `guides/backup` for `/guides/backup`.

use deunicode::deunicode;

const LENGTH_MAX: usize = 200;

/// First parts of addresses that are not pages.
const RESERVED: &[&str] = &[
    "admin", "api", "assets", "confirm", "forms", "health", "healthz", "livez", "media", "metrics", "preview", "readyz", "search",
    "sitemap", "startupz", "tags",
];

/// What is wrong with a slug, if anything.
pub(crate) fn problem(slug: &str) -> Option<String> {
    if slug.is_empty() {
        return Some("A page needs an address.".into());
    }
    if slug.len() > LENGTH_MAX {
        return Some(format!("An address has at most {LENGTH_MAX} characters."));
    }
    let part_is_fine = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if !slug.split('/').all(part_is_fine) {
        return Some("An address is made of a-z, 0-9 and hyphens, with / between its parts, as in guides/backup.".into());
    }
    let first = slug.split('/').next().unwrap_or_default();
    RESERVED.contains(&first).then(|| format!("/{first} is used by the site itself; choose another address."))
}

/// One part of a slug from any text: `Über uns & mehr` becomes `uber-uns-mehr`. Empty when nothing is left.
pub(crate) fn part(text: &str) -> String {
    let mut part = String::new();
    for c in deunicode(text).chars() {
        if c.is_ascii_alphanumeric() {
            part.push(c.to_ascii_lowercase());
        } else if !part.is_empty() && !part.ends_with('-') {
            part.push('-');
        }
    }
    part.truncate(80);
    part.trim_end_matches('-').to_owned()
}

/// A slug from a title; the title of a page whose letters all fall away becomes `page`.
pub(crate) fn from_title(title: &str) -> String {
    let slug = part(title);
    match slug.as_str() {
        "" => "page".into(),
        reserved if RESERVED.contains(&reserved) => format!("{slug}-page"),
        _ => slug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_slugs() {
        for (title, slug) in [
            ("Hello, World!", "hello-world"),
            ("Über uns & mehr", "uber-uns-mehr"),
            ("  --  ", "page"),
            ("北京", "bei-jing"),
            ("Admin", "admin-page"),
            ("C++ and Rust", "c-and-rust"),
        ] {
            assert_eq!(from_title(title), slug);
            assert_eq!(problem(slug), None, "{slug}");
        }
    }

    #[test]
    fn bad_slugs_are_told() {
        for slug in ["", "/a", "a/", "a//b", "A", "a b", "-a", "a-", "../x", "api", "admin/x", "healthz", "ä", &"x".repeat(201)] {
            assert!(problem(slug).is_some(), "{slug}");
        }
        for slug in ["a", "a/b", "2026/11/hello", "apis", "a--b"] {
            assert_eq!(problem(slug), None, "{slug}");
        }
    }
}
