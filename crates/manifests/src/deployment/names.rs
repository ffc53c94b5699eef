//! What may be a name, and where.

/// A host name with a dot in it, as certificates are issued for: no scheme, no port, no address.
pub(super) fn domain(text: &str) -> Option<String> {
    let labels: Vec<&str> = text.split('.').collect();
    let last_is_no_number = labels.last().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()));
    (text.len() <= 253 && labels.len() > 1 && last_is_no_number && labels.iter().all(|label| is_label(label))).then(|| text.to_owned())
}

/// What may name a namespace, a Compose project and a folder alike.
pub(super) fn name(text: &str) -> Option<String> {
    (is_label(text) && text.len() <= 40 && text.starts_with(|c: char| c.is_ascii_lowercase())).then(|| text.to_owned())
}

/// Good enough for what registers a certificate: somebody at a domain.
pub(super) fn email(text: &str) -> Option<String> {
    let (person, host) = text.split_once('@')?;
    let right = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    (!person.is_empty() && person.chars().all(right) && domain(host).is_some()).then(|| text.to_owned())
}

/// The name of an image or the folder of a registry, without tag: `registry.example.org:5000/team`.
pub(super) fn repository(text: &str) -> Option<String> {
    let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "./:-_".contains(c);
    let plain = text.chars().all(right) && !text.starts_with(['/', '.', '-', ':']) && !text.ends_with(['/', ':']) && !text.contains("//");
    (!text.is_empty() && plain).then(|| text.to_owned())
}

/// An image that others made, with a tag or a digest that says which one: `nginx:1.30`.
pub(super) fn image(text: &str) -> Option<String> {
    let right = |c: char| c.is_ascii_alphanumeric() || "./:-_@".contains(c);
    let last = text.rsplit('/').next().unwrap_or_default();
    let names_one = last.contains('@') || last.split_once(':').is_some_and(|(_, tag)| !tag.is_empty() && tag != "latest");
    (text.chars().all(right) && names_one).then(|| text.to_owned())
}

/// A tag; `latest` says nothing about what runs.
pub(super) fn tag(text: &str) -> Option<String> {
    let right = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let plain = !text.is_empty() && text.len() <= 128 && text.chars().all(right) && !text.starts_with(['.', '-']);
    (plain && text != "latest").then(|| text.to_owned())
}

/// Nothing that a format could mistake for its own.
pub(super) fn plain(text: &str) -> Option<String> {
    let right = |c: char| c.is_ascii_alphanumeric() || "./:@-_".contains(c);
    (!text.is_empty() && text.chars().all(right)).then(|| text.to_owned())
}

/// The absolute path of a folder.
pub(super) fn folder(text: &str) -> Option<String> {
    let right = |c: char| c.is_ascii_alphanumeric() || "/.-_".contains(c);
    let plain = text.starts_with('/') && text.len() > 1 && !text.ends_with('/') && text.chars().all(right);
    (plain && !text.split('/').any(|part| part == "..")).then(|| text.to_owned())
}

fn is_label(text: &str) -> bool {
    let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 63 && text.chars().all(right) && !text.starts_with('-') && !text.ends_with('-')
}
