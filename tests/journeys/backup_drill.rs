//! The restore drill: a server starts on the data of any site, and troubles nobody.

use std::io::ErrorKind;
use std::net::TcpListener;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::EMAIL;
use serde_json::json;

use crate::backup::{list, site, stop};

#[test]
fn a_site_whose_secrets_need_its_key_carries_a_server_and_its_letters_stay() {
    let (folder, server, _) = site();
    stop(server);
    let mail = TcpListener::bind("127.0.0.1:0").unwrap();
    mail.set_nonblocking(true).unwrap();
    folder.run(&["admin", "reset-password", "--email", EMAIL, "--password-stdin"], "another horse battery").check_done();
    // As administrators set it, sealed with a key that nobody has here.
    let port = mail.local_addr().unwrap().port();
    let rows = format!(
        "INSERT INTO setting (name, value, updated_at) VALUES ('mail.smtp_host', '127.0.0.1', 1), ('mail.smtp_port', '{port}', 1),
             ('mail.smtp_tls', 'none', 1);
         INSERT INTO setting (name, sealed, updated_at) VALUES ('social.x.token', x'00', 1);
         INSERT INTO account_totp (account_id, secret, confirmed_at) SELECT id, x'00', 1 FROM account;"
    );
    let conn = Connection::open(folder.database()).unwrap();
    conn.execute_batch(&rows).unwrap();
    folder.run(&["serve"], "").check_refused(&["the setting social.x.token", EMAIL]);

    folder.run_backupd(&["once"]).check_done();
    let backup = &list(&folder)[0];
    let drill = &backup["verifications"][1];
    assert_eq!((&drill["depth"], &drill["outcome"]), (&json!("drill"), &json!("proven")), "{backup:#}");
    let said = folder.run_backupd(&["verify", "latest", "--drill"]);
    assert!(said.check_done().contains("carried a server"), "{said:?}");
    assert_eq!(mail.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "a letter of the site was sent again");
    let count = |rows: &str| conn.query_row(&format!("SELECT count(*) FROM {rows}"), [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((count("account_totp"), count("setting")), (1, 4), "only the copy forgets");
}
