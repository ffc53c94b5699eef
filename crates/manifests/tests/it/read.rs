//! `deploy.toml`: what is wrong is told at once, with its place and what would be right.

use magnetiq_manifests::{Deployment, Sources, Text};

use crate::scenarios::{EXAMPLE, SMALLEST, lock, rendered};

fn problems(text: &str, lock: Option<&str>, given: &[(&str, &str)]) -> String {
    let given: Vec<(String, String)> = given.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    let lock = lock.map(|text| Text { path: "images.lock", text });
    match Deployment::read(&Sources { deploy: Text { path: "deploy.toml", text }, lock, given: &given }) {
        Ok(_) => String::new(),
        Err(problems) => problems.to_string(),
    }
}

/// Each `expected` stands in what is said about `text`, added to what must be said.
fn check(text: &str, expected: &[&str]) {
    let said = problems(&format!("{SMALLEST}{text}"), None, &[]);
    for expected in expected {
        assert!(said.contains(expected), "{expected:?} is not in:\n{said}");
    }
}

#[test]
fn the_smallest_and_the_example_are_right() {
    assert_eq!(problems(SMALLEST, None, &[]), "");
    assert_eq!(problems(EXAMPLE, Some(&lock("2.0.0")), &[]), "");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let said = problems("domain = \"https://www.example.org/\"\nnam = \"x\"\n[images]\ntag = \"latest\"\n", None, &[]);
    for expected in
        ["deploy.toml:1", "without https://", "nam is not a setting", "did you mean name?", "never latest", "contact is missing"]
    {
        assert!(said.contains(expected), "{expected:?} is not in:\n{said}");
    }
    assert!(said.starts_with("4 problems"), "{said}");
}

#[test]
fn a_domain_is_a_host_name() {
    for wrong in
        ["localhost", "10.0.0.1", "*.example.org", "www.example.org:443", "WWW.example.org", "-a.example.org", "a..example.org", ""]
    {
        let said = problems(&format!("domain = \"{wrong}\"\ncontact = \"ops@example.org\"\n"), None, &[]);
        assert!(said.contains("a host name such as www.example.org"), "{wrong:?}: {said}");
    }
    let longest = [60, 60, 60, 58].map(|length| "a".repeat(length)).join(".") + ".example.org";
    let of = |domain: &str| problems(&format!("domain = \"{domain}\"\ncontact = \"ops@example.org\"\n"), None, &[]);
    assert_eq!(of(&longest), "");
    assert!(of(&format!("a{longest}")).contains("a host name such as www.example.org"), "254 characters");
    let sample = problems("domain = \"example.com\"\ncontact = \"ops@example.org\"\n", None, &[]);
    assert!(sample.contains("production needs the https address that visitors type"), "{sample}");
}

#[test]
fn unknown_keys_name_the_nearest() {
    check("[proxy]\ntls_mim = \"1.2\"\n", &["proxy.tls_mim is not a setting", "deploy.toml:4", "did you mean proxy.tls_min?"]);
    check(
        "[settings.server]\nprot = 1\n",
        &["settings.server.prot is not a setting", "deploy.toml:4", "did you mean settings.server.port?"],
    );
}

#[test]
fn settings_are_those_that_a_program_reads() {
    check("[settings.backup]\nschedule = \"daily\"\n", &["settings.backup.schedule = daily", "deploy.toml:4", "five fields of cron"]);
    check("[settings.server]\nhost = \"127.0.0.1\"\n", &["settings.server.host", "follows from the rest of the deployment"]);
    check("[settings.server]\ndebug = true\n", &["settings.server.debug", "production does not run with debug on"]);
}

#[test]
fn ports_are_such_as_others_can_be_led_to() {
    check("[settings.server]\nport = 0\n", &["settings.server.port = 0", "deploy.toml:4", "from 1 to 65535"]);
    // They are one pod, and one machine.
    check("[settings.backup]\nport = 3036\n", &["settings.backup.port = 3036", "another one than those of the other programs"]);
    check("[settings.healthd]\nport = \"web\"\n", &["one problem", "settings.healthd.port = web"]);
    check("[settings.backup]\nport = \"web\"\n", &["one problem", "settings.backup.port = web"]);
}

#[test]
fn a_machine_with_docker_is_reached_by_ipv4() {
    check("[compose]\naddress = \"2001:db8::5\"\n", &["compose.address = 2001:db8::5", "an IPv4 address"]);
    assert_eq!(problems(&format!("{SMALLEST}[compose]\naddress = \"203.0.113.5\"\n"), None, &[]), "");
}

#[test]
fn secrets_stay_out() {
    let secret = "correct-horse-battery-staple-0123456789";
    let shown = format!("[settings.auth]\nsecret_key = \"{secret}\"\n");
    check(&shown, &["settings.auth.secret_key = (hidden)", "is a secret"]);
    assert!(!problems(&format!("{SMALLEST}{shown}"), None, &[]).contains(secret));
    // Those that follow from the rest may be listed, too.
    let listed = "secrets = [\"auth.secret_key\", \"mail.smtp_password\", \"mail.smtp_password\"]\n";
    let mail = "[settings.mail]\nsmtp_host = \"smtp.example.org\"\nsmtp_user = \"site@example.org\"\nfrom = \"site@example.org\"\n";
    let files = rendered(&format!("{SMALLEST}{listed}{mail}"));
    assert_eq!(files.get("k8s/secrets.yaml").unwrap().matches("secretKey: mail-smtp-password\n").count(), 1);
    let said = problems(SMALLEST, None, &[("settings.health.token", secret)]);
    assert!(said.contains("settings.health.token = (hidden)") && said.contains("the command line") && !said.contains(secret), "{said}");
}

#[test]
fn what_the_command_line_says_wins() {
    let said = problems(SMALLEST, None, &[("domain", "nonsense")]);
    assert!(said.contains("domain = nonsense") && said.contains("from the command line"), "{said}");
}

#[test]
fn the_lock_is_about_the_images_that_are_deployed() {
    let said = problems(&format!("{SMALLEST}[images]\ntag = \"2.1.0\"\n"), Some(&lock("2.0.0")), &[]);
    assert!(said.contains("images.lock is about the images 2.0.0"), "{said}");
    let pushed = |image: &str, registry: &str| format!("[{image}]\ntag = \"2.0.0\"\nregistry = \"{registry}\"\n");
    let said = problems(&format!("{SMALLEST}[images]\nregistry = \"b.example.org\"\n"), Some(&pushed("backend", "a.example.org")), &[]);
    assert!(said.contains("images.lock is about images in a.example.org") && said.contains("--push b.example.org"), "{said}");
    let said = problems(SMALLEST, Some(&(pushed("backend", "a.example.org") + &pushed("proxy", "b.example.org"))), &[]);
    assert!(said.contains("proxy.registry") && said.contains("several registries"), "{said}");
    let said = problems(SMALLEST, Some("[backend]\ndigest = \"sha256:12\"\n"), &[]);
    assert!(said.contains("backend.digest") && said.contains("64 digits"), "{said}");
}

/// A key may stand in full, or after the one that it shares a row with: `.media_gib`.
#[test]
fn the_guide_lists_every_key() {
    let guide = include_str!("../../../../docs/guides/deploying.md");
    for key in Deployment::keys() {
        let shared = key.rsplit_once('.').map_or(String::new(), |(_, last)| format!("`.{last}`"));
        let part = key.strip_prefix("limits.").and_then(|rest| rest.split_once('.')).map(|(_, last)| format!("limits.PART.{last}"));
        let known = [format!("`{key}`"), shared, part.map_or(String::new(), |part| format!("`{part}`"))];
        assert!(known.iter().any(|known| !known.is_empty() && guide.contains(known)), "docs/guides/deploying.md does not tell of {key}");
    }
}
