//! Everything that the server answers, in one list.

use actix_web::web;
use utoipa::{
    OpenApi,
    openapi::{
        ContentBuilder, ObjectBuilder, Ref, RefOr, ResponseBuilder, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};
use utoipa_actix_web::{scope, service_config::ServiceConfig};

use crate::{
    audit,
    auth::{self, Access, Body, Role, Rule},
    export, feeds,
    health::{probes, views},
    http::{idempotency, problem::Problem, rate_limit::Limit},
    leads, live, media, menus, operations, outbox, page, pages, settings, site,
};

/// What the routes don't say by themselves.
#[derive(OpenApi)]
#[openapi(
    info(title = "Magnetiq", description = "The API of a small site. Errors are `application/problem+json`; `code` is stable."),
    components(schemas(Problem, live::Change)),
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

/// Registers the same routes with actix, which answers them, and with utoipa, which describes them: a description takes more memory than all
/// that the server keeps otherwise, so it is not made where requests are answered.
macro_rules! routes {
    ($prefix:literal => { $($below:path,)* } $($path:path,)*) => {
        /// Every route. Who may call it is a line in `auth::rules`: a route without one is not answered. Handlers that want to know who is
        /// signed in take `SignedIn`.
        pub(crate) fn configure(config: &mut web::ServiceConfig) {
            config.service(web::scope($prefix)$(.service($below))*)$(.service($path))*;
        }

        fn describe_all(config: &mut ServiceConfig<'_>) {
            config.service(scope::scope($prefix)$(.service($below))*)$(.service($path))*;
        }
    };
}

routes! {
    // Routes are tried in their order, and each one with a `{part}` costs 1 µs or more: what is asked for most comes first.
    "/api/v1" => {
        pages::public::list,
        pages::public::read,
        pages::public::tags,
        pages::admin::list,
        pages::admin::create,
        media::admin::list,
        media::admin::upload,
        site::site,
        page::routes::view,
        site::overview,
        live::events,
        auth::routes::login,
        auth::routes::logout,
        auth::first::create,
        auth::recovery::forgotten,
        auth::recovery::choose,
        auth::routes::me,
        auth::own::rename,
        auth::own::change_password,
        auth::own::sessions,
        auth::own::end_others,
        auth::own::end_session,
        auth::tokens::list,
        auth::tokens::create,
        auth::tokens::revoke,
        auth::own_factor::offer,
        auth::own_factor::confirm,
        auth::own_factor::renew_codes,
        auth::own_factor::remove,
        auth::passkey::sign_in::options,
        auth::passkey::sign_in::sign_in,
        auth::passkey::own::list,
        auth::passkey::own::options,
        auth::passkey::own::create,
        auth::passkey::own::rename,
        auth::passkey::own::remove,
        auth::accounts::list,
        auth::accounts::create,
        auth::accounts::get,
        auth::accounts::update,
        auth::accounts::delete,
        auth::accounts::send_link,
        auth::accounts::end_sessions,
        auth::accounts::revoke_tokens,
        auth::accounts::remove_factor,
        auth::accounts::remove_passkeys,
        audit::routes::export,
        audit::routes::list,
        leads::public::get,
        leads::public::send,
        leads::public::confirm,
        leads::forms::list,
        leads::forms::create,
        leads::forms::get,
        leads::forms::update,
        leads::forms::delete,
        leads::admin::export,
        leads::admin::list,
        leads::admin::get,
        leads::admin::update,
        leads::admin::delete,
        leads::people::export,
        leads::people::erase,
        pages::preview_link::read,
        pages::bulk::run,
        pages::schedule::plan,
        pages::preview_link::create,
        pages::trash_routes::list,
        pages::trash_routes::restore,
        pages::trash_routes::purge,
        pages::admin::get,
        pages::admin::update,
        pages::admin::delete,
        pages::admin::publish,
        pages::admin::unpublish,
        pages::admin::discard,
        pages::translations::set_language,
        pages::tag_routes::list,
        pages::tag_routes::rename,
        pages::tag_routes::delete,
        export::archive::download,
        menus::public::read,
        menus::admin::list,
        menus::admin::create,
        menus::admin::get,
        menus::admin::update,
        menus::admin::delete,
        pages::admin::preview,
        pages::revisions::routes::list,
        pages::revisions::routes::get,
        pages::revisions::routes::compare,
        pages::revisions::routes::restore,
        media::room::show,
        media::uploads::routes::describe,
        media::uploads::routes::create,
        media::uploads::routes::show,
        media::uploads::routes::append,
        media::uploads::routes::end,
        media::admin::get,
        media::admin::update,
        media::replace::content,
        media::admin::delete,
        outbox::routes::list,
        outbox::routes::get,
        outbox::routes::retry,
        outbox::routes::cancel,
        outbox::letters::list,
        outbox::letters::test,
        outbox::social::routes::preview,
        outbox::social::routes::create,
        outbox::social::announcement::read,
        outbox::social::announcement::set,
        outbox::social::announcement::remove,
        settings::routes::get,
        settings::routes::update,
        operations::health::show,
        operations::traffic::show,
        operations::database::show,
        operations::log::show,
        operations::certificate::show,
        operations::backups::list,
        operations::backups::start,
        operations::backups::download,
        operations::restore::show,
    }
    probes::livez,
    probes::healthz,
    probes::readyz,
    probes::startupz,
    views::health,
    views::features,
    views::style,
    views::node,
    views::show_metrics,
    feeds::routes::sitemap,
    feeds::routes::sitemap_part,
    feeds::routes::feed,
    feeds::routes::feed_in,
    feeds::routes::atom,
    feeds::routes::atom_in,
    feeds::routes::robots,
    media::serve::file,
    media::variants::serve::variant,
}

/// What `/api/openapi.json` answers: `openapi.json` of the repository, which a test compares with [`openapi`].
pub(crate) const DESCRIPTION: &str = include_str!("../openapi.json");

/// The API's description, made from the routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    use utoipa_actix_web::AppExt;
    let app = actix_web::App::new().into_utoipa_app().openapi(Document::openapi());
    let mut document = app.configure(describe_all).split_for_parts().1;
    for rule in auth::RULES {
        describe(&mut document, rule);
    }
    document
}

/// What is answered in the place of a handler: by the guard, by what reads the body, and when the server has to give way.
fn describe(document: &mut utoipa::openapi::OpenApi, rule: &Rule) {
    let Some(path) = document.paths.paths.get_mut(&described(rule.path)) else { return };
    let operation = match rule.method {
        "GET" => &mut path.get,
        "POST" => &mut path.post,
        "PUT" => &mut path.put,
        "PATCH" => &mut path.patch,
        "OPTIONS" => &mut path.options,
        _ => &mut path.delete,
    };
    let Some(operation) = operation else { return };
    let is_asked =
        |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if !matches!(parameter.parameter_in, ParameterIn::Path));
    let asks = operation.parameters.iter().flatten().any(is_asked);
    let changes = !matches!(rule.method, "GET" | "OPTIONS");
    let refusals = refusals(rule.access, changes);
    let mut answers: Vec<(&str, &str)> = Vec::new();
    let is_signed_in = matches!(rule.access, Access::AtLeast(_) | Access::Session(_));
    if rule.method == "POST" && is_signed_in && rule.body != Body::File && idempotency::is_kept(rule.path) {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .description(Some("Sent again with the same key within 24 hours, the request is done once and answered as the first time"))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255))))
            .build();
        operation.parameters.get_or_insert_default().push(key.into());
        answers.push(("400", "`bad-request`"));
        answers.push(("409", "`idempotency-open`"));
        answers.push(("422", "`idempotency-key-reused`"));
    }
    if !refusals.is_empty() {
        answers.push(("403", &refusals));
    }
    if asks || rule.body != Body::Empty {
        answers.push(("400", "`bad-request`"));
    }
    if rule.body != Body::Empty {
        answers.push(("408", "`request-timeout`: the body did not come in time"));
        answers.push(("413", "`upload-too-large`"));
        answers.push(("415", "`unsupported-media-type`"));
    }
    if rule.limit() != Limit::None {
        answers.push(("429", "`too-many-requests`, with Retry-After"));
    }
    if rule.path.starts_with("/api/v1/") {
        answers.push(("503", "`busy`, `read-only`, with Retry-After"));
        if changes {
            answers.push(("507", "`disk-full`"));
        }
    }
    for (status, text) in answers {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let answer = ResponseBuilder::new().description(text).content("application/json", problem).build();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| answer.into());
    }
    for (status, answer) in &mut operation.responses.responses {
        if let RefOr::T(answer) = answer
            && status.starts_with(['4', '5'])
            && let Some(content) = answer.content.shift_remove("application/json")
        {
            answer.content.insert("application/problem+json".to_owned(), content);
        }
    }
}

/// As the description has a path: without what a part must look like.
fn described(path: &str) -> String {
    path.replace(":.*}", "}")
}

fn refusals(access: Access, changes: bool) -> String {
    let cross_origin = changes.then(|| "`cross-origin`: a browser sent it for another site".to_owned());
    let session = matches!(access, Access::Session(_)).then(|| "`session-needed`: no token may".to_owned());
    let role = match access {
        Access::AtLeast(least) | Access::Session(least) if least > Role::Viewer => {
            Some(format!("`role-too-low`: this needs the role {least}"))
        }
        _ => None,
    };
    let area = matches!(access, Access::AtLeast(_)).then(|| "`outside-area`: the token is for another part".to_owned());
    [role, session, area, cross_origin].into_iter().flatten().collect::<Vec<_>>().join("; ")
}
