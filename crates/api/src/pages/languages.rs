//! The languages of the site, and where on it the pages of each are.
//!
//! Pages of the site's own language are at `/about`, those of another one below its tag: `/de/ueber-uns`. The whole of it is the slug, so that
//! one slug is one address. Kept is an empty text for the site's own language, so that its pages follow the setting.

use magnetiq_config::Site;

use super::redirects::HOME;
use crate::error::Error;

/// Which languages there are.
#[derive(Clone, Debug)]
pub(crate) struct Languages {
    own: String,
    others: Vec<String>,
}

impl Languages {
    pub(crate) fn new(site: &Site) -> Self {
        Self { own: site.language.clone(), others: site.languages.clone() }
    }

    /// The tag of a language as it is kept.
    pub(crate) fn tag<'a>(&'a self, kept: &'a str) -> &'a str {
        if kept.is_empty() { &self.own } else { kept }
    }

    /// As a language is kept that somebody asks for; one that the site does not have is asked for in vain.
    pub(crate) fn asked(&self, tag: &str) -> String {
        self.known(tag).unwrap_or_else(|| tag.to_owned())
    }

    /// As a language is kept that a page is to have; `None` is the site's own.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is none of the site's.
    pub(crate) fn wanted(&self, tag: Option<&str>) -> Result<String, Error> {
        let Some(tag) = tag else { return Ok(String::new()) };
        self.known(tag).ok_or_else(|| {
            let all: Vec<&str> = [&self.own].into_iter().chain(&self.others).map(String::as_str).collect();
            Error::invalid("/language", format!("The site has these languages: {}. The setting site.languages says so.", all.join(", ")))
        })
    }

    fn known(&self, tag: &str) -> Option<String> {
        if tag.eq_ignore_ascii_case(&self.own) {
            return Some(String::new());
        }
        self.others.iter().find(|other| other.eq_ignore_ascii_case(tag)).cloned()
    }

    /// The address of a page of this language that is to be at `slug`. `current` is the one that it has now, which stays possible.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the address belongs to another language, or is too long with that of its own.
    pub(crate) fn place(&self, slug: &str, language: &str, current: Option<&str>) -> Result<String, Error> {
        let slug = address(language, slug);
        if language.is_empty()
            && current != Some(&slug)
            && let Some(other) = self.others.iter().find(|other| is_below(&slug, other))
        {
            return Err(Error::invalid("/slug", format!("/{} has the pages in {other}; choose another address.", prefix(other))));
        }
        match super::slug::problem(&slug) {
            Some(detail) => Err(Error::invalid("/slug", detail)),
            None => Ok(slug),
        }
    }
}

fn prefix(language: &str) -> String {
    language.to_ascii_lowercase()
}

fn is_below(slug: &str, language: &str) -> bool {
    slug.split('/').next() == Some(&prefix(language))
}

/// The first page of a language: `home`, or the tag alone.
pub(crate) fn home(language: &str) -> String {
    if language.is_empty() { HOME.to_owned() } else { prefix(language) }
}

/// The slug of a page in this language, written with the tag or without.
fn address(language: &str, slug: &str) -> String {
    if language.is_empty() {
        return slug.to_owned();
    }
    match without(language, slug) {
        HOME => prefix(language),
        rest => format!("{}/{rest}", prefix(language)),
    }
}

/// A slug without the tag of its language.
pub(crate) fn without<'a>(language: &str, slug: &'a str) -> &'a str {
    if language.is_empty() || !is_below(slug, language) {
        return slug;
    }
    slug[prefix(language).len()..].strip_prefix('/').unwrap_or(HOME)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn languages() -> Languages {
        Languages { own: "en".into(), others: vec!["de".into(), "pt-BR".into()] }
    }

    #[test]
    fn addresses_begin_with_the_language() {
        for (language, slug, expected) in [
            ("", "about", "about"),
            ("", "home", "home"),
            ("de", "about", "de/about"),
            ("de", "de/about", "de/about"),
            ("de", "home", "de"),
            ("de", "de", "de"),
            ("de", "de/home", "de"),
            ("de", "design", "de/design"),
            ("pt-BR", "sobre/nos", "pt-br/sobre/nos"),
        ] {
            assert_eq!(address(language, slug), expected, "{language} {slug}");
        }
    }

    #[test]
    fn the_addresses_of_a_language_are_its_own() {
        assert!(languages().place("de/x", "", None).is_err());
        assert!(languages().place("pt-br", "", None).is_err());
        assert!(languages().place("de/x", "", Some("de/x")).is_ok(), "from before there was that language");
        assert!(languages().place(&"x".repeat(199), "de", None).is_err());
        assert_eq!(languages().place("x", "de", None).unwrap(), "de/x");
        assert!(languages().wanted(Some("fr")).is_err());
        assert_eq!(languages().wanted(Some("PT-br")).unwrap(), "pt-BR");
        assert_eq!(languages().wanted(Some("EN")).unwrap(), "");
    }

    proptest! {
        /// Of one language no two slugs meet, those of two languages never do, and nothing is lost on the way.
        #[test]
        fn no_two_pages_meet(a in "[a-z]{1,3}(/[a-z0-9]{1,3}){0,2}", b in "[a-z]{1,3}(/[a-z0-9]{1,3}){0,2}") {
            let all = ["", "de", "pt-BR"];
            for language in all {
                let whole = address(language, &a);
                prop_assert_eq!(address(language, &whole), whole.clone(), "it is placed once");
                prop_assert_eq!(address(language, without(language, &whole)), whole.clone());
                if without(language, &a) != without(language, &b) {
                    prop_assert!(whole != address(language, &b) || [&a, &b].iter().any(|slug| slug.ends_with("home")));
                }
                for other in all.into_iter().filter(|other| *other != language) {
                    let free = |language: &str, slug: &str| !language.is_empty() || !["de", "pt-br"].iter().any(|tag| is_below(slug, tag));
                    if free(language, &a) && free(other, &b) {
                        prop_assert_ne!(&whole, &address(other, &b));
                    }
                }
            }
        }
    }
}
