//! Sparse lists: with `?fields=id,title` an answer has these of each item, and nothing else.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header::LINK, web::Query};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{
    IntoParams, PartialSchema,
    openapi::{RefOr, schema::Schema},
};

use super::cursor::{List, next_link};
use crate::error::Error;

/// What of each item.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Fields {
    /// Only these fields of each item, with commas between them, as in `id,updated_at`: the answer has the others not at all. All when not given.
    #[param(max_length = 500)]
    fields: Option<String>,
}

/// A list as it is answered.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Shown<T> {
    Whole(List<T>),
    Sparse(List<Map<String, Value>>),
}

impl<T: Serialize + PartialSchema> List<T> {
    /// With what `fields` of the request asks for.
    ///
    /// # Errors
    ///
    /// [`Error::BadRequest`] names a field that the items don't have, and those that they have.
    pub(crate) fn shown(self, request: &HttpRequest) -> Result<Shown<T>, Error> {
        let fields = Query::<Fields>::from_query(request.query_string()).map(|query| query.into_inner().fields);
        let fields = fields.map_err(|error| Error::BadRequest { detail: format!("{error}.") })?.unwrap_or_default();
        if fields.is_empty() {
            return Ok(Shown::Whole(self));
        }
        let (known, wanted) = (names_of::<T>(), fields.split(',').map(str::trim).collect::<Vec<_>>());
        if let Some(unknown) = wanted.iter().find(|name| !known.iter().any(|known| known == *name)) {
            let detail = format!("Items of this list have no field {unknown:?} to choose by fields. They have: {}.", known.join(", "));
            return Err(Error::BadRequest { detail });
        }
        let sparse = |item: &T| {
            let value = serde_json::to_value(item).map_err(|source| Error::Json { source })?;
            let Value::Object(mut item) = value else { return Ok(Map::new()) };
            item.retain(|name, _| wanted.contains(&name.as_str()));
            Ok(item)
        };
        let items = self.items.iter().map(sparse).collect::<Result<_, Error>>()?;
        Ok(Shown::Sparse(List { items, next_cursor: self.next_cursor }))
    }

    /// Where there is a next part, the address of it as `Link` has it, so that a program need not know how it is made.
    pub(crate) fn link(&self, request: &HttpRequest) -> Option<String> {
        self.next_cursor.as_deref().map(|cursor| next_link(request.path(), request.query_string(), cursor))
    }
}

/// JSON, with what was asked for, and a `Link` to the next part.
impl<T: Serialize + PartialSchema> Responder for List<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(link) = self.link(request) {
            response.insert_header((LINK, link));
        }
        match self.shown(request) {
            Ok(shown) => response.json(shown),
            Err(error) => HttpResponse::from_error(error),
        }
    }
}

/// The fields of an item, as the description of the API has them: also where there is no item to look at.
fn names_of<T: PartialSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.into_keys().collect(),
        _ => Vec::new(),
    }
}
