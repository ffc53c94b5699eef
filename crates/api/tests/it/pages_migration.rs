//! Pages of a database of the version before come through the migrations as they were.

use expect_test::expect;
use magnetiq_api::schema;
use magnetiq_storage::{
    Options, Store,
    refinery::{Migration, Runner},
};

const BEFORE: [(&str, &str); 3] = [
    ("V1__first_schema", include_str!("../../migrations/V1__first_schema.sql")),
    ("V2__outbox", include_str!("../../migrations/V2__outbox.sql")),
    ("V3__media_deleted", include_str!("../../migrations/V3__media_deleted.sql")),
];

const CONTENT: &str = "
    INSERT INTO account VALUES ('00000000-0000-7000-8000-000000000001', 'ana@example.com', 'Ana', 'x', 1);
    INSERT INTO page VALUES
        (1, '00000000-0000-7000-8000-00000000000a', 'new', 'New', '', 'new body', '<p>new body</p>', 'new body', 1, 'draft', 1,
            '00000000-0000-7000-8000-000000000001', 1000, 1000, NULL),
        (2, '00000000-0000-7000-8000-00000000000b', 'edited', 'Edited', 's', 'edited body', '<p>edited body</p>', 'edited body', 1,
            'published', 7, '00000000-0000-7000-8000-000000000001', 1000, 3000, 2000),
        (3, '00000000-0000-7000-8000-00000000000c', 'imported', 'Imported', '', 'imported body', '<p>imported body</p>', 'imported body', 1,
            'published', 2, NULL, 1000, 2000, 1000),
        (4, '00000000-0000-7000-8000-00000000000e', 'naming', 'Naming', '',
            printf('![](/media/%064d/a.png) /media/short [b](/media/%064x/b.txt) [b](/media/%064x/b.txt) /media/', 0, 11, 11), '', '', 1,
            'published', 2, NULL, 1000, 2000, 1000);
    INSERT INTO page_import VALUES ('docs/imported.md', 3, 'hash', 2);
    INSERT INTO media VALUES ('00000000-0000-7000-8000-00000000000d', printf('%064d', 0), 'a.png', 'image/png', 1, 1, 1, 1000);
    INSERT INTO page_media VALUES (2, '00000000-0000-7000-8000-00000000000d');
";

fn lines(store: &Store, sql: &'static str) -> String {
    let read = store.read(move |conn| {
        let mut statement = conn.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(rows.join("\n") + "\n")
    });
    read.wait().unwrap()
}

#[test]
fn pages_of_the_version_before_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("site.sqlite3"), Options::default()).unwrap();
    let before: Vec<Migration> = BEFORE.iter().map(|(name, sql)| Migration::unapplied(name, sql).unwrap()).collect();
    store.migrate(Runner::new(&before)).unwrap();
    store.write(|tx| Ok(tx.execute_batch(CONTENT)?)).wait().unwrap();
    let pages =
        "SELECT concat_ws('|', number, id, slug, title, summary, body, html, plain, renderer, status, revision, author_id, created_at,
        updated_at, published_at) FROM page ORDER BY number";
    let old = lines(&store, pages);

    schema::migrate(&store).unwrap();
    assert_eq!(lines(&store, pages), old);
    expect![[r#"
        new created 00000000-0000-7000-8000-000000000001
        edited edited -
        imported imported -
        naming edited -
    "#]]
    .assert_eq(&lines(&store, "SELECT concat_ws(' ', slug, reason, ifnull(revised_by, '-')) FROM page ORDER BY number"));
    assert_eq!(
        lines(&store, "SELECT slug FROM page_search JOIN page ON page.number = page_search.rowid WHERE page_search MATCH 'edited'"),
        "edited\n"
    );
    assert_eq!(lines(&store, "SELECT concat_ws(' ', page_number, media_id) FROM page_media"), "2 00000000-0000-7000-8000-00000000000d\n");
    assert_eq!(lines(&store, "SELECT concat(page_number, ltrim(sha256, '0')) FROM page_media_missing"), "4b\n");
    assert_eq!(lines(&store, "PRAGMA foreign_key_check"), "\n");
    store.write(|tx| Ok(tx.execute_batch("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)")?)).wait().unwrap();
    store.close().unwrap();
}

/// Of a database before drafts: what is published is what visitors read, since it was last changed.
#[test]
fn what_was_published_is_what_visitors_read() {
    const LATER: [(&str, &str); 7] = [
        ("V4__page_revision", include_str!("../../migrations/V4__page_revision.sql")),
        ("V5__page_redirect", include_str!("../../migrations/V5__page_redirect.sql")),
        ("V6__account_role", include_str!("../../migrations/V6__account_role.sql")),
        ("V7__accounts", include_str!("../../migrations/V7__accounts.sql")),
        ("V8__leads", include_str!("../../migrations/V8__leads.sql")),
        ("V9__page_life", include_str!("../../migrations/V9__page_life.sql")),
        ("V10__idempotency", include_str!("../../migrations/V10__idempotency.sql")),
    ];
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("site.sqlite3"), Options::default()).unwrap();
    let migrations =
        |names: &[(&str, &str)]| -> Vec<Migration> { names.iter().map(|(name, sql)| Migration::unapplied(name, sql).unwrap()).collect() };
    store.migrate(Runner::new(&migrations(&BEFORE))).unwrap();
    store.write(|tx| Ok(tx.execute_batch(CONTENT)?)).wait().unwrap();
    store.migrate(Runner::new(&migrations(&[&BEFORE[..], &LATER[..]].concat()))).unwrap();
    let life = "
        UPDATE page SET deleted_at = 5000, former_slug = slug, slug = '.trash/x' WHERE number = 1;
        INSERT INTO page_tag VALUES (2, 'guides');
        INSERT INTO page_redirect VALUES ('old', 2, 2500);
        INSERT INTO page_revision VALUES (2, 6, 2000, NULL, 'edited', 'draft', 'edited', 'Before', '', 'old body');";
    store.write(move |tx| Ok(tx.execute_batch(life)?)).wait().unwrap();
    schema::migrate(&store).unwrap();
    expect![[r#"
        .trash/x draft - -
        edited published 3000 7
        imported published 2000 2
        naming published 2000 2
    "#]]
    .assert_eq(&lines(
        &store,
        "SELECT concat_ws(' ', slug, status, ifnull(live_at, '-'), ifnull(live_revision, '-')) FROM page WHERE language = '' ORDER BY number",
    ));
    assert_eq!(lines(&store, "SELECT concat_ws(' ', title, body, ifnull(tags, '-')) FROM page_revision"), "Before old body -\n");
    assert_eq!(lines(&store, "SELECT concat_ws(' ', slug, page_number) FROM page_redirect"), "old 2\n");
    assert_eq!(lines(&store, "PRAGMA foreign_key_check"), "\n");
    store.close().unwrap();
}
