use magnetiq_config::{Problem, Settings, variable};
use proptest::prelude::*;

use crate::{DEVELOPMENT, effective, load, report, settings};

/// Of every section, and of a target.
fn keys() -> Vec<String> {
    let settings: Settings = settings("", &[DEVELOPMENT, TARGET]);
    settings.explain().iter().map(|entry| entry.key.clone()).collect()
}

const TARGET: (&str, &str) = ("MAGNETIQ__BACKUP__TARGETS__OFFSITE__URL", "s3://bucket/site");

/// `…_FILE` in the environment names a file with the value of `…`.
#[test]
fn no_name_ends_as_a_variable_that_names_a_file() {
    let ambiguous: Vec<_> = keys().into_iter().filter(|key| key.ends_with("_file")).collect();
    assert_eq!(ambiguous, [""; 0]);
}

/// A key with two neighbouring letters of its last part in the other order.
fn misspelt() -> impl Strategy<Value = (String, String)> {
    (proptest::sample::select(keys()), any::<proptest::sample::Index>()).prop_filter_map("the letters differ", |(key, index)| {
        let start = key.rfind('.').map_or(0, |dot| dot + 1);
        let at = start + index.index(key.len() - start - 1);
        let mut bytes = key.as_bytes().to_vec();
        bytes.swap(at, at + 1);
        let wrong = String::from_utf8(bytes).expect("keys are ASCII");
        (wrong != key && !wrong.contains("__")).then_some((key, wrong))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_misspelt_name_is_refused_with_the_right_one((key, wrong) in misspelt()) {
        let in_file = report(&format!("{wrong} = 1\n"), &[DEVELOPMENT, TARGET]);
        let wanted = format!("did you mean {key}?");
        prop_assert!(in_file.contains(&wanted), "{}", in_file);
        let in_environment = report("", &[DEVELOPMENT, TARGET, (&variable(&wrong), "1")]);
        let wanted = format!("did you mean {}?", variable(&key));
        prop_assert!(in_environment.contains(&wanted), "{}", in_environment);
    }

    #[test]
    fn a_number_means_the_same_in_the_file_and_in_the_environment(port: u16) {
        let in_file = settings(&format!("server.port = {port}"), &[DEVELOPMENT]);
        let in_environment = settings("", &[DEVELOPMENT, ("MAGNETIQ__SERVER__PORT", &port.to_string())]);
        prop_assert_eq!(in_file.server.port, port);
        prop_assert_eq!(in_environment.server.port, port);
        prop_assert_eq!(effective(&in_file, "server.port").0, effective(&in_environment, "server.port").0);
    }

    #[test]
    fn any_text_is_either_read_or_a_problem(key in proptest::sample::select(keys()), text in "[^\0]{0,40}") {
        if let Err(problems) = load("", &[DEVELOPMENT, (&variable(&key), &text)]).1 {
            for problem in problems.iter() {
                // Without its address a target is not whole; of two that belong together the other one is missing.
                let about_key = problem.to_string().contains(&key) || key == "profile" || problem.subject() == "backup.targets.offsite.url";
                prop_assert!(about_key && matches!(problem, Problem::Unfit { .. } | Problem::Missing { .. }), "{}", problem);
            }
        }
    }

    #[test]
    fn any_file_is_either_read_or_a_problem(text in "[a-z.\\[\\]='\"\n 0-9#]{0,200}") {
        let _ = load(&text, &[DEVELOPMENT]);
    }

    #[test]
    fn a_secret_is_never_shown(secret in "[a-z]{12}[0-9]{12}") {
        for (file, variable) in [
            (format!("[auth]\nsecret_key = '{secret}'\nx = 1"), ("A", "")),
            (format!("[auth]\nsecretkey = '{secret}'"), ("A", "")),
            (format!("[auth]\nsecret_key = ['{secret}']"), ("A", "")),
            (format!("auth = '{secret}'"), ("A", "")),
            (format!("[auth]\nsecret_key = {secret}"), ("A", "")),
            ("[server]".to_owned(), ("MAGNETIQ__SECRET_KEY", secret.as_str())),
            ("[server]".to_owned(), ("SECRET_KEY", secret.as_str())),
        ] {
            let (_folder, loaded) = load(&file, &[variable]);
            let problems = loaded.expect_err("production refuses all of them");
            prop_assert!(!problems.to_string().contains(&secret), "{}", problems);
            prop_assert!(!format!("{problems:?}").contains(&secret), "{:?}", problems);
        }
    }
}
