use crate::reader::Reader;

/// `[site]`: what the site says about itself.
#[derive(Debug, Clone)]
pub struct Site {
    /// The name of the site.
    pub title: String,
    /// One sentence below the title, and for search engines.
    pub description: String,
    /// The language of the pages as a BCP 47 tag, such as `en` or `de-CH`.
    pub language: String,
    /// The other languages that there are pages in, as tags.
    pub languages: Vec<String>,
    /// The picture beside the title, as the path of one of the site's own files; empty: none.
    pub logo: String,
    /// The address that visitors may write to; empty: none.
    pub contact: String,
    /// What every visitor is told above each page, such as when the site will be away; empty: nothing.
    pub notice: String,
}

impl Site {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let line =
            |max: usize| move |text: &str| (text.chars().count() <= max && !text.chars().any(char::is_control)).then(|| text.to_owned());
        let own = reader.parsed("site.language", "en", "a language tag such as en or de-CH", language);
        Self {
            title: reader.parsed("site.title", "Magnetiq", "a name on one line, of 1 to 100 characters", |text| {
                line(100)(text).filter(|text| !text.trim().is_empty())
            }),
            description: reader.parsed("site.description", "", "one line of 500 characters at most", line(500)),
            languages: others(&own, reader.list("site.languages", &[], "language tags such as de or pt-BR", language)),
            language: own,
            logo: reader.parsed("site.logo", "", "the path of a file of this site, such as /media/3f…/logo.svg", logo),
            contact: reader.parsed("site.contact", "", "an address such as hello@example.com", |text| match text {
                "" => Some(String::new()),
                text => crate::mail::address(text),
            }),
            notice: reader.parsed("site.notice", "", "one line of 500 characters at most", line(500)),
        }
    }
}

/// The site's own is no other one, and each is there once.
fn others(own: &str, named: Vec<String>) -> Vec<String> {
    let mut languages: Vec<String> = Vec::new();
    for tag in named {
        if !tag.eq_ignore_ascii_case(own) && !languages.iter().any(|known| tag.eq_ignore_ascii_case(known)) {
            languages.push(tag);
        }
    }
    languages
}

/// The shape of a tag, as far as a typing mistake can break it.
fn language(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let first = parts.next().is_some_and(|part| (2..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphabetic()));
    let others = parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
    (first && others).then(|| text.to_owned())
}

/// A file of ours: one from elsewhere would tell others who reads the site.
fn logo(text: &str) -> Option<String> {
    let is_path = text.starts_with("/media/") && text.len() <= 500 && text.chars().all(|c| c.is_ascii_graphic() && !"\"'<>\\".contains(c));
    (text.is_empty() || is_path && !text.contains("..")).then(|| text.to_owned())
}
