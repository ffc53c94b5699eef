//! `/media/{sha256}/{preset}/{name}`: the smaller pictures.

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, CacheControl, CacheDirective},
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::rows;
use crate::{
    error::Error,
    http::problem::{self, Problem},
    media::{Media, rows as media_rows, serve},
    state::AppState,
};

/// Which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionQuery {
    /// The version that an address of ours names. Without it, or with a former one, the answer leads to the present address.
    #[param(max_length = 100)]
    v: Option<String>,
}

/// A picture in the size of a preset. Where there is none, because it is still to be made, can't be made or would be larger, the answer leads
/// to the file itself.
#[utoipa::path(operation_id = "read_media_variant", tag = "media",
    params(("sha256" = String, Path), ("preset" = String, Path, description = "As in `media.presets`"), ("name" = String, Path), VersionQuery), responses(
    (status = 200, description = "The picture", content_type = "image/webp", body = Vec<u8>),
    (status = 206, description = "The range that was asked for"),
    (status = 302, description = "It is elsewhere: Location", headers(("Location" = String))),
    (status = 304, description = "The client's copy is the current one"),
    (status = 404, body = Problem, description = "`media-not-found`, also for what is no preset"),
))]
#[get("/media/{sha256}/{preset}/{name}")]
pub(crate) async fn variant(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<(String, String, String)>,
    Query(VersionQuery { v }): Query<VersionQuery>,
) -> Result<HttpResponse, Error> {
    let (sha256, preset, _) = path.into_inner();
    if !state.settings.media.presets.iter().any(|known| known.name == preset) {
        return Err(Error::NotFound { what: "media" });
    }
    let (wanted, of) = (sha256.clone(), preset.clone());
    let found = state.read(move |conn| {
        let Some(media) = media_rows::at_address(conn, &wanted)? else { return Ok(None) };
        let version = rows::version(conn, media.id, &of)?;
        Ok(Some((media, version)))
    });
    let (media, version) = found.await?.ok_or(Error::NotFound { what: "media" })?;
    let Some(version) = version else { return Ok(elsewhere(&media.url)) };
    if media.sha256 != sha256 || v.as_ref() != Some(&version) {
        let url = media.variants.iter().find(|variant| variant.preset == preset).map_or(&media.url, |variant| &variant.url);
        return Ok(elsewhere(url));
    }
    match NamedFile::open(state.media.variants(&sha256).join(super::file_name(&preset, &version))) {
        Ok(file) => {
            let file = file.set_content_type("image/webp".parse().unwrap_or(mime::IMAGE_STAR)).prefer_utf8(false);
            Ok(serve::guarded(file.into_response(&request), serve::FILE_POLICY))
        }
        Err(error) => {
            tracing::warn!(path = request.path(), %error, "a smaller picture is missing, and is made anew");
            make_anew(&state, &media).await;
            Ok(elsewhere(&media.url))
        }
    }
}

async fn make_anew(state: &AppState, media: &Media) {
    let id = media.id;
    if let Err(error) = state.write(move |tx| media_rows::queue(tx, id)).await {
        tracing::warn!(cause = %problem::chain(&error), "a missing picture can't be queued");
    }
}

/// It is asked for each time: what is there changes.
fn elsewhere(url: &str) -> HttpResponse {
    let cache = CacheControl(vec![CacheDirective::NoCache]);
    HttpResponse::Found().insert_header((header::LOCATION, url)).insert_header(cache).finish()
}
