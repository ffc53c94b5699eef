//! Accounts and sessions of a database of the version before come through the migrations as they were.

use magnetiq_api::schema;
use magnetiq_storage::{
    Options, Store,
    refinery::{Migration, Runner},
};

const BEFORE: [(&str, &str); 6] = [
    ("V1__first_schema", include_str!("../../migrations/V1__first_schema.sql")),
    ("V2__outbox", include_str!("../../migrations/V2__outbox.sql")),
    ("V3__media_deleted", include_str!("../../migrations/V3__media_deleted.sql")),
    ("V4__page_revision", include_str!("../../migrations/V4__page_revision.sql")),
    ("V5__page_redirect", include_str!("../../migrations/V5__page_redirect.sql")),
    ("V6__account_role", include_str!("../../migrations/V6__account_role.sql")),
];

const CONTENT: &str = "
    INSERT INTO account VALUES ('00000000-0000-7000-8000-000000000001', 'ana@example.com', 'Ana', 'x', 1);
    INSERT INTO account_session VALUES
        ('aaaaaaaabbbbccccddddeeeeeeeeeeee00000000000000000000000000000000', '00000000-0000-7000-8000-000000000001', 5, 6, 7),
        ('aaaaaaaabbbbccccddddeeeeeeeeeeef00000000000000000000000000000000', '00000000-0000-7000-8000-000000000001', 5, 6, 7);
";

#[test]
fn accounts_of_the_version_before_are_active_administrators() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("site.sqlite3"), Options::default()).unwrap();
    let migrations =
        |count: usize| -> Vec<Migration> { BEFORE[..count].iter().map(|(name, sql)| Migration::unapplied(name, sql).unwrap()).collect() };
    store.migrate(Runner::new(&migrations(5))).unwrap();
    store.write(|tx| Ok(tx.execute_batch(CONTENT)?)).wait().unwrap();
    store.migrate(Runner::new(&migrations(6))).unwrap();
    schema::migrate(&store).unwrap();
    let account = store.read(|conn| {
        let sql = "SELECT concat_ws('|', role, password_set_at, disabled_at IS NULL, revision) FROM account";
        Ok(conn.query_row(sql, [], |row| row.get::<_, String>(0))?)
    });
    assert_eq!(account.wait().unwrap(), "admin|1|1|1");
    let ids = store.read(|conn| {
        let mut statement = conn.prepare("SELECT id FROM account_session ORDER BY id")?;
        let ids = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(ids)
    });
    let ids = ids.wait().unwrap();
    assert_eq!(ids, ["aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeef"]);
    assert!(ids.iter().all(|id| id.parse::<magnetiq_api::SessionId>().is_ok()), "{ids:?}");
}
