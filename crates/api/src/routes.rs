//! Everything that the server answers, in one list.

use utoipa::{
    OpenApi,
    openapi::{ContentBuilder, Ref, ResponseBuilder},
};
use utoipa_actix_web::{scope, service_config::ServiceConfig};

use crate::{
    audit,
    auth::{self, Access, Role, Rule},
    feeds,
    health::{probes, views},
    http::problem::Problem,
    leads, media, outbox, pages, site,
};

/// What the routes don't say by themselves.
#[derive(OpenApi)]
#[openapi(
    info(title = "Magnetiq", description = "The API of a small site. Errors are `application/problem+json`; `code` is stable."),
    components(schemas(Problem)),
    tags(
        (name = "site", description = "Who the site is"),
        (name = "pages", description = "What visitors read"),
        (name = "forms", description = "What visitors fill in"),
        (name = "media", description = "Pictures and other files"),
        (name = "auth", description = "Sign in and out. The session is a cookie that scripts can't read."),
        (name = "admin", description = "What signed-in people do"),
        (name = "health", description = "Probes, the tree of checks, metrics"),
    )
)]
struct Document;

/// Every route. Who may call it is a line in `auth::rules`: a route without one is not answered. Handlers that want to know who is signed in
/// take `SignedIn`.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(probes::livez)
        .service(probes::healthz)
        .service(probes::readyz)
        .service(probes::startupz)
        .service(views::health)
        .service(views::features)
        .service(views::style)
        .service(views::node)
        .service(views::show_metrics)
        .service(feeds::routes::sitemap)
        .service(feeds::routes::feed)
        .service(feeds::routes::robots);
    config.service(media::serve::file).service(
        scope::scope("/api/v1")
            .service(site::site)
            .service(site::overview)
            .service(auth::routes::login)
            .service(auth::routes::logout)
            .service(auth::first::create)
            .service(auth::recovery::forgotten)
            .service(auth::recovery::choose)
            .service(auth::routes::me)
            .service(auth::own::rename)
            .service(auth::own::change_password)
            .service(auth::own::sessions)
            .service(auth::own::end_others)
            .service(auth::own::end_session)
            .service(auth::tokens::list)
            .service(auth::tokens::create)
            .service(auth::tokens::revoke)
            .service(auth::own_factor::offer)
            .service(auth::own_factor::confirm)
            .service(auth::own_factor::renew_codes)
            .service(auth::own_factor::remove)
            .service(auth::accounts::list)
            .service(auth::accounts::create)
            .service(auth::accounts::get)
            .service(auth::accounts::update)
            .service(auth::accounts::delete)
            .service(auth::accounts::send_link)
            .service(auth::accounts::end_sessions)
            .service(auth::accounts::revoke_tokens)
            .service(auth::accounts::remove_factor)
            .service(audit::routes::export)
            .service(audit::routes::list)
            .service(leads::public::get)
            .service(leads::public::send)
            .service(leads::public::confirm)
            .service(leads::forms::list)
            .service(leads::forms::create)
            .service(leads::forms::get)
            .service(leads::forms::update)
            .service(leads::forms::delete)
            .service(leads::admin::export)
            .service(leads::admin::list)
            .service(leads::admin::get)
            .service(leads::admin::update)
            .service(leads::admin::delete)
            .service(leads::people::export)
            .service(leads::people::erase)
            .service(pages::public::list)
            .service(pages::public::read)
            .service(pages::public::tags)
            .service(pages::preview_link::read)
            .service(pages::bulk::run)
            .service(pages::schedule::plan)
            .service(pages::preview_link::create)
            .service(pages::trash_routes::list)
            .service(pages::trash_routes::restore)
            .service(pages::trash_routes::purge)
            .service(pages::admin::list)
            .service(pages::admin::create)
            .service(pages::admin::get)
            .service(pages::admin::update)
            .service(pages::admin::delete)
            .service(pages::admin::publish)
            .service(pages::admin::unpublish)
            .service(pages::admin::preview)
            .service(pages::revisions::routes::list)
            .service(pages::revisions::routes::get)
            .service(pages::revisions::routes::compare)
            .service(pages::revisions::routes::restore)
            .service(media::admin::list)
            .service(media::admin::upload)
            .service(media::admin::delete)
            .service(outbox::routes::list)
            .service(outbox::routes::get)
            .service(outbox::routes::retry),
    );
}

/// The API's description, made from the routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    use utoipa_actix_web::AppExt;
    let app = actix_web::App::new().into_utoipa_app().openapi(Document::openapi());
    let mut document = app.configure(configure).split_for_parts().1;
    for rule in auth::RULES {
        describe_role(&mut document, rule);
    }
    document
}

/// What the guard answers in the place of a handler.
fn describe_role(document: &mut utoipa::openapi::OpenApi, rule: &Rule) {
    let (least, refusal) = match rule.access {
        Access::AtLeast(least) => (least, format!("`role-too-low`: this needs the role {least}")),
        Access::Session(least) => (least, format!("`session-needed`, or `role-too-low`: this needs the role {least}, and no token")),
        Access::Public | Access::Operator => return,
    };
    let is_refused = least > Role::Viewer || matches!(rule.access, Access::Session(_));
    let Some(path) = document.paths.paths.get_mut(rule.path) else { return };
    let operation = match rule.method {
        "GET" => &mut path.get,
        "POST" => &mut path.post,
        "PUT" => &mut path.put,
        _ => &mut path.delete,
    };
    if let Some(operation) = operation.as_mut().filter(|_| is_refused) {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let answer = ResponseBuilder::new().description(refusal);
        operation.responses.responses.insert("403".into(), answer.content("application/json", content).build().into());
    }
}
