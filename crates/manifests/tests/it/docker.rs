//! Dockerfiles: I01 to I06 of what images are judged by; the rest only an engine can see.

use std::path::Path;

use crate::scenarios::{ALL, rendered};

fn dockerfiles() -> Vec<(String, String)> {
    let files = ALL.iter().flat_map(|(scenario, text)| {
        let rendered = rendered(text);
        let files = rendered.iter().filter(|(path, _)| path.ends_with(".Dockerfile"));
        files.map(|(path, text)| (format!("{scenario}: {path}"), text.to_owned())).collect::<Vec<_>>()
    });
    files.collect()
}

/// Each fault, put into a Dockerfile that is right, is found.
fn check(judge: impl Fn(&str) -> bool, fault: (&str, &str)) {
    for (name, text) in dockerfiles() {
        assert!(judge(&text), "{name}");
        let faulty = text.replace(fault.0, fault.1);
        assert!(faulty == text || !judge(&faulty), "{name}: the fault {fault:?} is not seen");
    }
    assert!(dockerfiles().iter().any(|(_, text)| text.contains(fault.0)), "{fault:?} is in no file");
}

/// The lines of the stage that is shipped, without comments.
fn production(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let begin = lines.iter().position(|line| line.ends_with(" AS production")).expect("there is a stage for production");
    lines[begin..].to_vec()
}

fn last<'a>(text: &'a str, instruction: &str) -> Option<&'a str> {
    production(text).into_iter().rev().find_map(|line| line.strip_prefix(instruction))
}

#[test]
fn nobody_is_root_and_a_number_says_so() {
    let judge =
        |text: &str| last(text, "USER ").is_some_and(|user| user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 10_000)));
    check(judge, ("USER 65532:65532", "USER nginx"));
}

#[test]
fn no_shell_stands_between() {
    let is_list = |line: Option<&str>| line.is_some_and(|line| line.trim_start().starts_with("[\""));
    check(
        |text| is_list(last(text, "ENTRYPOINT ")),
        ("ENTRYPOINT [\"nginx\", \"-g\", \"daemon off;\"]", "ENTRYPOINT nginx -g 'daemon off;'"),
    );
    let health = |text: &str| production(text).iter().any(|line| line.starts_with("HEALTHCHECK") && line.contains(" CMD [\""));
    check(health, ("HEALTHCHECK", "#HEALTHCHECK"));
}

#[test]
fn every_base_is_an_argument_and_none_is_latest() {
    let judge = |text: &str| {
        let froms = text.lines().filter_map(|line| line.strip_prefix("FROM "));
        let args: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("ARG ")).collect();
        let stages: Vec<&str> = froms.clone().filter_map(|from| from.rsplit_once(" AS ")).map(|(_, stage)| stage).collect();
        froms.clone().count() > 0
            && froms.into_iter().all(|from| {
                let name = from.split(' ').next().and_then(|image| image.strip_prefix("${")?.strip_suffix('}'));
                let value = name.and_then(|name| args.iter().find_map(|arg| arg.strip_prefix(name)?.strip_prefix('=')));
                value.is_some_and(|value| stages.contains(&value) || (!value.ends_with(":latest") && value.contains([':', '@'])))
            })
    };
    check(judge, ("FROM ${NGINX_IMAGE}", "FROM nginx"));
    check(judge, ("ARG NGINX_IMAGE=nginx:1.30", "ARG NGINX_IMAGE=nginx"));
}

#[test]
fn labels_say_what_it_is() {
    let judge = |text: &str| {
        ["title", "description", "source", "licenses", "version", "revision"]
            .iter()
            .all(|label| production(text).iter().any(|line| line.contains(&format!("org.opencontainers.image.{label}="))))
    };
    check(judge, ("org.opencontainers.image.revision=", "revision="));
}

#[test]
fn no_secret_is_an_argument() {
    let judge = |text: &str| {
        let named = text.lines().filter(|line| line.starts_with("ARG ") || line.starts_with("ENV "));
        named.into_iter().all(|line| !["SECRET", "TOKEN", "PASSWORD", "KEY"].iter().any(|word| line.to_uppercase().contains(word)))
    };
    check(judge, ("ARG REVISION=unknown", "ARG SECRET_KEY=x"));
}

/// What a build writes by itself has the time of the build: so it writes nothing by itself.
#[test]
fn everything_comes_onto_the_base_at_once() {
    let judge = |text: &str| {
        let lines = production(text);
        let wrote: Vec<&&str> = lines.iter().filter(|line| ["COPY ", "ADD ", "RUN "].iter().any(|word| line.starts_with(word))).collect();
        wrote == [&"COPY --from=files /out/root/ /"] && text.contains("touch -h -d @${SOURCE_DATE_EPOCH}")
    };
    check(judge, ("USER 65532:65532", "RUN touch /etc/late\nUSER 65532:65532"));
    check(judge, ("COPY --from=files /out/root/ /", "COPY docker/proxy/nginx.conf /etc/nginx/nginx.conf"));
    check(judge, ("touch -h -d @${SOURCE_DATE_EPOCH}", "touch"));
}

#[test]
fn the_registry_is_not_asked_for_a_frontend() {
    check(|text| !text.contains("syntax=docker"), ("# What it is made from.", "# syntax=docker/dockerfile:1"));
}

#[test]
fn the_compiler_is_that_of_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let toolchain = std::fs::read_to_string(root.join("rust-toolchain.toml")).unwrap();
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"')).unwrap();
    let (_, backend) = dockerfiles().into_iter().find(|(name, _)| name.ends_with("backend.Dockerfile")).unwrap();
    assert!(backend.contains(&format!("ARG RUST_IMAGE=rust:{channel}-")), "images.base.rust is another than {channel}");
}

#[test]
fn what_is_copied_from_the_folder_is_rendered_or_said_to_be_brought() {
    for (scenario, text) in ALL {
        let files = rendered(text);
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".Dockerfile")) {
            let copied = text.lines().filter_map(|line| line.strip_prefix("COPY docker/")).filter_map(|rest| rest.split(' ').next());
            for copied in copied.filter(|copied| !["programs/", "page/"].contains(copied)) {
                let is_there = files.iter().any(|(path, _)| path.starts_with(&format!("docker/{copied}")));
                assert!(is_there, "{scenario}: {path} copies docker/{copied}");
            }
            assert!(!text.contains("<<"), "{scenario}: {path}: Docker before 23 knows no here-documents");
        }
    }
}
