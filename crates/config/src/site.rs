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
}

impl Site {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        Self {
            title: reader.text("site.title", "Magnetiq"),
            description: reader.text("site.description", ""),
            language: reader.parsed("site.language", "en", "a language tag such as en or de-CH", language),
        }
    }
}

/// The shape of a tag, as far as a typing mistake can break it.
fn language(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let first = parts.next().is_some_and(|part| (2..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphabetic()));
    let others = parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
    (first && others).then(|| text.to_owned())
}
