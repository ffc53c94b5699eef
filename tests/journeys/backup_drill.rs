//! The restore drill: a server starts on the data of any site, and troubles nobody.

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{EMAIL, api_server};
use serde_json::json;

use crate::backup::{list, program, site, stop};

#[test]
fn a_site_whose_secrets_need_its_key_carries_a_server_that_has_no_way_out() {
    let (folder, server, _) = site();
    stop(server);
    // As administrators set it, sealed with a key that nobody has here.
    let rows = "INSERT INTO setting (name, value, updated_at) VALUES ('mail.smtp_host', 'smtp.invalid', 1);
         INSERT INTO setting (name, sealed, updated_at) VALUES ('social.x.token', x'00', 1);
         INSERT INTO account_totp (account_id, secret, confirmed_at) SELECT id, x'00', 1 FROM account;";
    let conn = Connection::open(folder.database()).unwrap();
    conn.execute_batch(rows).unwrap();
    folder.run(&["serve"], "").check_refused(&["the setting social.x.token", EMAIL]);

    folder.run_backupd(&["once"]).check_done();
    let backup = &list(&folder)[0];
    let drill = &backup["verifications"][1];
    assert_eq!((&drill["depth"], &drill["outcome"]), (&json!("drill"), &json!("proven")), "{backup:#}");
    // What administrators set came back with the data, and counts less than what is given here.
    let given = folder.path("given");
    program(&folder, &format!("env >>{}; exec {} \"$@\"", given.display(), api_server().display()));
    folder.settings("profile = \"development\"\n[backup]\ndrill_program = \"server.sh\"\n");
    let said = folder.run_backupd(&["verify", "latest", "--drill"]);
    assert!(said.check_done().contains("carried a server"), "{said:?}");
    let given = std::fs::read_to_string(given).unwrap();
    for way in ["MAIL__SMTP_HOST", "MAIL__FOLDER", "SOCIAL__MASTODON__URL", "SOCIAL__LINKEDIN__URL", "SOCIAL__X__URL"] {
        let closed = format!("MAGNETIQ__{way}=");
        assert_eq!(given.lines().filter(|line| *line == closed).count(), 2, "{way}, for each of the two programs:\n{given}");
    }
    let count = |rows: &str| conn.query_row(&format!("SELECT count(*) FROM {rows}"), [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((count("account_totp"), count("setting")), (1, 2), "only the copy forgets");
}
