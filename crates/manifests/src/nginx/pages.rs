//! What nginx says by itself: pages for people, problems for programs.

use crate::files::MARK;

/// Errors in the API are for programs. Errors of the server pass as they are: only those that nginx makes are put into words here.
pub(super) const API_ERRORS: &str =
    "error_page 413 @too_large;\nerror_page 429 @too_many;\nerror_page 502 504 @no_answer;\nerror_page 503 @maintenance;";

/// Errors on the way to the page are for people.
pub(super) const PAGE_ERRORS: &str = "error_page 502 504 /__magnetiq/unavailable.html;\nerror_page 503 /__magnetiq/maintenance.html;";

const PROBLEMS: [(&str, u16, &str, &str, &str); 4] = [
    ("too_large", 413, "Payload Too Large", "upload-too-large", "This is larger than the limit."),
    ("too_many", 429, "Too Many Requests", "too-many-requests", "Too many requests. Try again in a moment."),
    ("no_answer", 502, "Bad Gateway", "unavailable", "The server does not answer. Try again in a moment."),
    ("maintenance", 503, "Service Unavailable", "maintenance", "The site is being worked on. Try again in a minute."),
];

/// A location for each problem that nginx tells programs, in the form of the API.
pub(super) fn problems() -> String {
    PROBLEMS.iter().fold(String::new(), |text, (name, status, title, code, detail)| {
        text + &format!(
            "location @{name} {{\n    default_type application/problem+json;\n    return {status} '{{\"type\":\"urn:magnetiq:problem:{code}\",\
             \"title\":\"{title}\",\"status\":{status},\"code\":\"{code}\",\"detail\":\"{detail}\",\"request_id\":\"$request_id\"}}';\n}}\n"
        )
    })
}

/// The pages for people, and their style.
pub(crate) fn pages() -> [(&'static str, String); 3] {
    [
        ("maintenance.html", page("Back in a moment", "The site is being worked on. Nothing is lost; please try again in a few minutes.")),
        (
            "unavailable.html",
            page(
                "Not reachable right now",
                "The site does not answer at the moment. It is being looked after; please try again in a minute.",
            ),
        ),
        ("style.css", format!("/* The style of the two pages, {MARK}. */\n{STYLE}")),
    ]
}

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 1.125rem/1.6 system-ui, sans-serif; margin: 20vh auto 0; max-width: 32rem; padding: 0 1.5rem; }
h1 { font-size: 1.75rem; line-height: 1.2; }
";

fn page(title: &str, text: &str) -> String {
    format!(
        "<!doctype html>\n<!-- {MARK} -->\n<html lang=\"en\">\n  <head>\n    <meta charset=\"utf-8\">\n    \
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n    <title>{title}</title>\n    \
         <link rel=\"stylesheet\" href=\"/__magnetiq/style.css\">\n  </head>\n  <body>\n    <h1>{title}</h1>\n    <p>{text}</p>\n  </body>\n</html>\n"
    )
}
