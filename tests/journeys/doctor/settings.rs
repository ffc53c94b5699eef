//! Faults of the settings.

use std::fs;

use magnetiq_tests::Folder;

use super::{PRODUCTION, apart, check, check_fix, fake, finding, fine, look, may_unshare, seen, shell};

#[test]
fn settings_are_begun_and_mended_where_they_stand() {
    let folder = Folder::new();
    check_fix(&folder, "settings", "error", "there is no magnetiq.toml", || {
        // Nothing at all is a production without a secret.
        let _ = fs::remove_file(folder.path("magnetiq.toml"));
    });
    assert_eq!(look(&folder, "secrets")["status"], "fine", "what was begun is for its owner only");
    let variable = "export MAGNETIQ__PROFILE=development";
    check(&folder, &format!("{variable} MAGNETIQ__SERVER__PROT=1"), "settings", "error", "MAGNETIQ__SERVER__PROT is not a setting");
    let short = "export MAGNETIQ__PROFILE=production MAGNETIQ__SERVER__PUBLIC_URL=https://www.site.example";
    check(
        &folder,
        &format!("rm -f magnetiq.toml\n{short} MAGNETIQ__AUTH__SECRET_KEY=short"),
        "settings",
        "error",
        "auth.secret_key = (hidden)",
    );
    // An editor that takes the line away, and a name of it with an argument.
    let editor = "export EDITOR='env ./editor'; printf '#!/bin/sh\\nsed -i \"${1#+}d\" \"$2\"\\n' > editor; chmod +x editor";
    for (settings, says) in [
        ("profile = 'development'\n[server]\nprot = 1\n", "server.prot"),
        ("profile = 'development'\n[server]\nport = 'abc'\n", "server.port"),
        ("profile = 'development'\n[server\n", "magnetiq.toml:2"),
    ] {
        folder.settings(settings);
        check(&folder, editor, "settings", "error", says);
    }
    folder.settings(PRODUCTION);
    fs::write(folder.path("key"), "change-me-please-change-me-please").unwrap();
    let sample = "sed -i '/secret_key/d' magnetiq.toml; export MAGNETIQ__AUTH__SECRET_KEY_FILE=key";
    check(&folder, sample, "settings", "error", "key, named by MAGNETIQ__AUTH__SECRET_KEY_FILE");
    folder.settings("profile = 'development'\n[server]\nhost = '0.0.0.0'\n");
    check(&folder, "", "settings", "error", "lets other machines in");
    let others = look(&Folder::new(), "settings");
    fine(&others);
}

/// What is begun in the folder of the data would be read in the place of the right ones, by nobody but root.
#[test]
fn settings_of_units_are_given_and_not_begun() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    folder.settings(PRODUCTION);
    fs::rename(folder.path("magnetiq.toml"), folder.path("of-units.toml")).unwrap();
    fake(&folder, "as-site", "MAGNETIQ_CONFIG=of-units.toml exec \"$@\" --json --only settings");
    fake(&folder, "sudo", "exec \"$@\"");
    let units = "mkdir -p etc/magnetiq; echo 'MAGNETIQ__PROFILE=\"production\"' > etc/magnetiq/magnetiq.env; mount --bind etc /etc";
    let address = "export MAGNETIQ__SERVER__PUBLIC_URL=https://www.site.example";
    for before in [units.to_owned(), format!("{units}; {address}")] {
        let entry = seen(apart(&folder, "--mount", &format!("{before}\ndoctor settings --fix"))).remove(0);
        let found = finding(&entry, "error", "those of its units (/etc/magnetiq/magnetiq.env), and they were not given");
        assert_eq!((entry["findings"].as_array().unwrap().len(), &found["safe"]), (1, &false.into()), "{entry:#}");
        assert!(!folder.path("magnetiq.toml").exists());
        fine(&seen(apart(&folder, "--mount", &format!("{before}\n{}", found["command"].as_str().unwrap()))).remove(0));
    }
}

#[test]
fn without_right_settings_the_rest_is_skipped_and_not_called_fine() {
    let folder = Folder::new();
    folder.settings("profile = 'staging'\n");
    let output = shell(&folder, "api-server doctor --json").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let entry = |name: &str| report["checks"].as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap()["status"].clone();
    assert_eq!((entry("settings"), entry("database")), ("error".into(), "skipped".into()));
}

/// What is missing is told one by one; each command gives what it is about, and leaves the others.
#[test]
fn settings_that_are_missing() {
    let folder = Folder::new();
    fs::remove_file(folder.path("magnetiq.toml")).unwrap();
    let key = "export SECRET_KEY=f1d2d2f924e986ac86fdf7b36c94bcdf32beec15";
    let address = "export MAGNETIQ__SERVER__PUBLIC_URL=https://www.site.example";
    check(&folder, address, "settings", "error", "auth.secret_key is missing");
    check(&folder, key, "settings", "error", "server.public_url is missing");
    let letters = format!("{key}\n{address}\nexport MAGNETIQ__MAIL__SMTP_HOST=smtp.site.example");
    check(&folder, &letters, "settings", "error", "mail.from is missing");
}

#[test]
fn variables_that_are_wrong_or_one_too_many() {
    let folder = Folder::new();
    fs::write(folder.path("key"), "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15").unwrap();
    for (variables, says) in [
        ("MAGNETIQ__SERVER__PORT=abc", "server.port = abc"),
        ("SECRET_KEY=f1d2d2f924e986ac86fdf7b36c94bcdf32beec16 SECRET_KEY_FILE=key", "auth.secret_key is given twice"),
        ("SECRET_KEY_FILE=gone", "gone cannot be read for auth.secret_key"),
        ("MAGNETIQ_CONFIG=gone.toml", "gone.toml cannot be read"),
    ] {
        check(&folder, &format!("export {variables}"), "settings", "error", says);
    }
    assert_eq!(fs::read_to_string(folder.path("key")).unwrap(), "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15");
}

/// What a shell exports no service knows: people are told where it goes.
#[test]
fn people_are_told_where_a_setting_of_a_service_goes() {
    let folder = Folder::new();
    let told = |script: &str| String::from_utf8(shell(&folder, script).output().unwrap().stdout).unwrap();
    let wrong = told("MAGNETIQ__SERVER__PORT=abc api-server doctor --only settings");
    assert!(wrong.contains("/etc/magnetiq/magnetiq.env"), "{wrong}");
    assert!(!told("api-server doctor --only settings").contains("/etc/magnetiq"), "nothing is wrong");
}
