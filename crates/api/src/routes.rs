//! Everything that the server answers, in one list.

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
    http::{problem::Problem, rate_limit::Limit},
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
        .service(feeds::routes::sitemap_part)
        .service(feeds::routes::feed)
        .service(feeds::routes::feed_in)
        .service(feeds::routes::atom)
        .service(feeds::routes::atom_in)
        .service(feeds::routes::robots);
    config.service(media::serve::file).service(media::variants::serve::variant).service(
        scope::scope("/api/v1")
            // Routes are tried in their order, and each one with a `{part}` costs its time: what is asked for most comes first.
            .service(pages::public::list)
            .service(pages::public::read)
            .service(pages::public::tags)
            .service(pages::admin::list)
            .service(pages::admin::create)
            .service(media::admin::list)
            .service(media::admin::upload)
            .service(site::site)
            .service(page::routes::view)
            .service(site::overview)
            .service(live::events)
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
            .service(auth::passkey::sign_in::options)
            .service(auth::passkey::sign_in::sign_in)
            .service(auth::passkey::own::list)
            .service(auth::passkey::own::options)
            .service(auth::passkey::own::create)
            .service(auth::passkey::own::rename)
            .service(auth::passkey::own::remove)
            .service(auth::accounts::list)
            .service(auth::accounts::create)
            .service(auth::accounts::get)
            .service(auth::accounts::update)
            .service(auth::accounts::delete)
            .service(auth::accounts::send_link)
            .service(auth::accounts::end_sessions)
            .service(auth::accounts::revoke_tokens)
            .service(auth::accounts::remove_factor)
            .service(auth::accounts::remove_passkeys)
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
            .service(pages::preview_link::read)
            .service(pages::bulk::run)
            .service(pages::schedule::plan)
            .service(pages::preview_link::create)
            .service(pages::trash_routes::list)
            .service(pages::trash_routes::restore)
            .service(pages::trash_routes::purge)
            .service(pages::admin::get)
            .service(pages::admin::update)
            .service(pages::admin::delete)
            .service(pages::admin::publish)
            .service(pages::admin::unpublish)
            .service(pages::admin::discard)
            .service(pages::translations::set_language)
            .service(pages::tag_routes::list)
            .service(pages::tag_routes::rename)
            .service(pages::tag_routes::delete)
            .service(export::archive::download)
            .service(menus::public::read)
            .service(menus::admin::list)
            .service(menus::admin::create)
            .service(menus::admin::get)
            .service(menus::admin::update)
            .service(menus::admin::delete)
            .service(pages::admin::preview)
            .service(pages::revisions::routes::list)
            .service(pages::revisions::routes::get)
            .service(pages::revisions::routes::compare)
            .service(pages::revisions::routes::restore)
            .service(media::room::show)
            .service(media::uploads::routes::describe)
            .service(media::uploads::routes::create)
            .service(media::uploads::routes::show)
            .service(media::uploads::routes::append)
            .service(media::uploads::routes::end)
            .service(media::admin::get)
            .service(media::admin::update)
            .service(media::replace::content)
            .service(media::admin::delete)
            .service(outbox::routes::list)
            .service(outbox::routes::get)
            .service(outbox::routes::retry)
            .service(outbox::routes::cancel)
            .service(outbox::letters::list)
            .service(outbox::letters::test)
            .service(outbox::social::routes::preview)
            .service(outbox::social::routes::create)
            .service(outbox::social::announcement::read)
            .service(outbox::social::announcement::set)
            .service(outbox::social::announcement::remove)
            .service(settings::routes::get)
            .service(settings::routes::update)
            .service(operations::health::show)
            .service(operations::traffic::show)
            .service(operations::database::show)
            .service(operations::log::show)
            .service(operations::certificate::show)
            .service(operations::backups::list)
            .service(operations::backups::start)
            .service(operations::backups::download)
            .service(operations::restore::show),
    );
}

/// The API's description, made from the routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    use utoipa_actix_web::AppExt;
    let app = actix_web::App::new().into_utoipa_app().openapi(Document::openapi());
    let mut document = app.configure(configure).split_for_parts().1;
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
    if rule.method == "POST" && is_signed_in && rule.body != Body::File && !rule.path.starts_with("/api/v1/auth/") {
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
