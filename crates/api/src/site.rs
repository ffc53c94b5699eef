//! `/api/v1/site` and `/api/v1/admin/overview`: the site at a glance.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::SignedIn,
    error::Error,
    http::{cursor::ListQuery, problem::Problem},
    pages::{self, PageRow, lists::Filter},
    state::AppState,
};

const RECENT: u32 = 5;

/// Who the site is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Site {
    /// Its name.
    pub(crate) title: String,
    /// A sentence about it.
    pub(crate) description: String,
    /// The language of its pages, as BCP 47 writes it.
    #[schema(examples("en"))]
    pub(crate) language: String,
    /// The other languages that it has pages in: those of `de` are at `/de` and below it.
    pub(crate) languages: Vec<String>,
    /// The path of the picture beside its name; null where there is none.
    pub(crate) logo: Option<String>,
    /// The address that visitors may write to; null where there is none.
    pub(crate) contact: Option<String>,
    /// What every visitor is to be told; null for nothing.
    pub(crate) notice: Option<String>,
}

impl Site {
    pub(crate) fn of(settings: &magnetiq_config::Site) -> Self {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self {
            title: settings.title.clone(),
            description: settings.description.clone(),
            language: settings.language.clone(),
            languages: settings.languages.clone(),
            logo: given(&settings.logo),
            contact: given(&settings.contact),
            notice: given(&settings.notice),
        }
    }
}

/// What there is, for the first view of the admin area.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Overview {
    pages: PageCounts,
    media: MediaTotal,
    database: DatabaseSize,
    /// The version that answers.
    version: &'static str,
    /// The pages that were changed last.
    recent: Vec<PageRow>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PageCounts {
    published: u64,
    draft: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct MediaTotal {
    count: u64,
    size_bytes: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct DatabaseSize {
    /// Without its write-ahead log.
    size_bytes: u64,
}

/// Who the site is, and what it tells everybody.
#[utoipa::path(tag = "site", responses((status = 200, body = Site)))]
#[get("/site")]
pub(crate) async fn site(state: Data<AppState>) -> Json<Site> {
    Json(Site::of(&state.live.current().settings.site))
}

/// Numbers and the last changes.
#[utoipa::path(tag = "admin", responses(
    (status = 200, body = Overview),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/overview")]
pub(crate) async fn overview(_: SignedIn, state: Data<AppState>) -> Result<Json<Overview>, Error> {
    let overview = state.read(|conn| {
        // Both are counted in an index: the rows have whole texts.
        let (published, draft) = conn.query_row(
            "SELECT published, there - published FROM (SELECT (SELECT count(*) FROM page WHERE status = 'published') AS published,
                 (SELECT count(*) FROM page INDEXED BY page_by_updated WHERE deleted_at IS NULL) AS there)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (count, size_bytes) =
            conn.query_row("SELECT count(*), coalesce(sum(size_bytes), 0) FROM media", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let database_bytes =
            conn.query_row("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", [], |row| row.get(0))?;
        let query = ListQuery { limit: Some(RECENT), ..ListQuery::default() };
        Ok(Overview {
            pages: PageCounts { published, draft },
            media: MediaTotal { count, size_bytes },
            database: DatabaseSize { size_bytes: database_bytes },
            version: env!("CARGO_PKG_VERSION"),
            recent: pages::lists::list(conn, &query, &Filter::default())?.items,
        })
    });
    Ok(Json(overview.await?))
}
