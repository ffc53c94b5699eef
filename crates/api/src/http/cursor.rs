//! Pages of long lists: a cursor says where the next part begins. Clients pass it back as they got it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{clock::Time, error::Error};

const LIMIT_DEFAULT: u32 = 20;
const LIMIT_MAX: u32 = 100;
/// Search results are counted through from the best one; nobody reads further than this.
const OFFSET_MAX: u32 = 1_000;

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Words to search for.
    #[serde(default)]
    pub(crate) q: String,
    /// `next_cursor` of the part before.
    pub(crate) cursor: Option<String>,
    /// How many items at most; 20 when not given.
    #[param(minimum = 1, maximum = 100)]
    pub(crate) limit: Option<u32>,
}

/// Which part of a list that is not searched, or by other words.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// How many items at most; 20 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

impl From<Part> for ListQuery {
    fn from(Part { cursor, limit }: Part) -> Self {
        Self { q: String::new(), cursor, limit }
    }
}

/// One part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items, in order.
    pub(crate) items: Vec<T>,
    /// Where the next part begins; null at the end.
    pub(crate) next_cursor: Option<String>,
}

/// Where a part of a list begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// After the row with this time and id, in falling order.
    After(Time, String),
    /// After this many results of a search.
    Offset(u32),
}

impl Cursor {
    /// Search results end at some point, even if there are more.
    fn is_given(&self) -> bool {
        !matches!(self, Cursor::Offset(count) if *count > OFFSET_MAX)
    }

    pub(crate) fn encode(&self) -> String {
        let text = match self {
            Cursor::After(time, id) => format!("a{}.{id}", time.as_millis()),
            Cursor::Offset(count) => format!("o{count}"),
        };
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        if let Some(rest) = text.strip_prefix('a') {
            let (millis, id) = rest.split_once('.')?;
            Some(Cursor::After(Time::from_millis(millis.parse().ok()?), id.into()))
        } else {
            text.strip_prefix('o')?.parse().ok().map(Cursor::Offset).filter(Cursor::is_given)
        }
    }
}

impl ListQuery {
    pub(crate) fn limit(&self) -> Result<u32, Error> {
        match self.limit.unwrap_or(LIMIT_DEFAULT) {
            limit @ 1..=LIMIT_MAX => Ok(limit),
            _ => Err(Error::BadRequest { detail: format!("limit must be from 1 to {LIMIT_MAX}.") }),
        }
    }

    pub(crate) fn cursor(&self) -> Result<Option<Cursor>, Error> {
        self.cursor.as_deref().map(|text| Cursor::decode(text).ok_or_else(Self::bad_cursor)).transpose()
    }

    pub(crate) fn bad_cursor() -> Error {
        Error::BadRequest { detail: "cursor is not one that this list gave.".into() }
    }

    /// The words to search for, when there are any.
    pub(crate) fn words(&self) -> Option<&str> {
        Some(self.q.trim()).filter(|words| !words.is_empty())
    }

    /// Where a list in order of time begins: everything comes after the end of time.
    pub(crate) fn after(&self) -> Result<(Time, String), Error> {
        match self.cursor()? {
            Some(Cursor::After(time, id)) => Ok((time, id)),
            None => Ok((Time::from_millis(i64::MAX), String::new())),
            Some(Cursor::Offset(_)) => Err(Error::BadRequest { detail: "cursor is one of a search, and this is none.".into() }),
        }
    }

    /// Where the results of a search begin.
    pub(crate) fn offset(&self) -> Result<u32, Error> {
        match self.cursor()? {
            Some(Cursor::Offset(count)) => Ok(count),
            None => Ok(0),
            Some(Cursor::After(..)) => Err(Error::BadRequest { detail: "cursor is not one of a search.".into() }),
        }
    }
}

impl<T> List<T> {
    /// From one row more than `limit`: that row says that there is a next part, which begins after `cursor_of(last item)`.
    pub(crate) fn cut(mut items: Vec<T>, limit: u32, cursor_of: impl FnOnce(&T) -> Cursor) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(cursor_of).filter(Cursor::is_given).map(|cursor| cursor.encode());
        List { items, next_cursor }
    }
}

/// The same address, from `cursor` on.
pub(crate) fn next_link(path: &str, query: &str, cursor: &str) -> String {
    let others = query.split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
    let query: Vec<&str> = others.collect();
    let and = if query.is_empty() { "" } else { "&" };
    format!("<{path}?{}{and}cursor={cursor}>; rel=\"next\"", query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_journey() {
        for cursor in [Cursor::After(Time::from_millis(1_763_000_000_123), "x-1".into()), Cursor::Offset(40)] {
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
    }

    #[test]
    fn the_next_part_has_an_address() {
        let link = |query| next_link("/api/v1/pages", query, "abc");
        assert_eq!(link(""), "</api/v1/pages?cursor=abc>; rel=\"next\"");
        assert_eq!(link("q=a%20b&cursor=old&limit=5"), "</api/v1/pages?q=a%20b&limit=5&cursor=abc>; rel=\"next\"");
    }

    #[test]
    fn nonsense_is_no_cursor() {
        for text in ["", "%%%", "YWJj", &BASE64_URL_SAFE_NO_PAD.encode("o99999"), &BASE64_URL_SAFE_NO_PAD.encode("a12")] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
