//! Who is measured, and what a person types to use it. `$SITE` is backed up, into the folder `$STORE`, and comes back to `$OUT`; `$STAGE`
//! is for the copy of the database that everybody needs who knows nothing of SQLite.

/// A program, or some that are used together, as scripts of the shell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    /// Not measured: what is done once.
    pub(crate) prepare: &'static str,
    pub(crate) backup: &'static str,
    /// The same beside a writer; empty: no other. Ours is verified, too, there.
    pub(crate) beside: &'static str,
    /// Reads all of it and finds what changed; of those that keep no sums it finds less.
    pub(crate) verify: &'static str,
    /// Ends with a database that was checked.
    pub(crate) restore: &'static str,
    /// Whether the next backup knows the one before. Where not, it is the same again.
    pub(crate) incremental: bool,
    /// One round only: it takes minutes, and is there for scale.
    pub(crate) slow: bool,
}

macro_rules! create {
    ($how:literal) => {
        concat!(r#""$BENCH" --create "$SITE/database.sqlite3" "$SITE/media" "$STORE" "#, $how)
    };
}

const CHECK: &str = r#"test "$(sqlite3 "$DATABASE" 'PRAGMA integrity_check')" = ok"#;

const TAR: Contestant = Contestant {
    name: ".backup + tar czf",
    prepare: "true",
    backup: r#"timeout 60 sqlite3 "$SITE/database.sqlite3" ".backup '$STAGE/database.sqlite3'"
        tar -czf "$STORE/site.tar.gz" -C "$STAGE" database.sqlite3 -C "$SITE" media; rm "$STAGE/database.sqlite3""#,
    beside: "",
    verify: r#"gzip -t "$STORE/site.tar.gz""#,
    restore: r#"tar -xzf "$STORE/site.tar.gz" -C "$OUT"; DATABASE="$OUT/database.sqlite3""#,
    incremental: false,
    slow: true,
};

const PIGZ: Contestant = Contestant {
    name: "VACUUM INTO + tar | pigz -6",
    prepare: "true",
    backup: r#"sqlite3 "$SITE/database.sqlite3" "VACUUM INTO '$STAGE/database.sqlite3'"
        tar -cf - -C "$STAGE" database.sqlite3 -C "$SITE" media | pigz -6 > "$STORE/site.tar.gz"; rm "$STAGE/database.sqlite3""#,
    beside: "",
    verify: r#"pigz -t "$STORE/site.tar.gz""#,
    restore: r#"pigz -dc "$STORE/site.tar.gz" | tar -xf - -C "$OUT"; DATABASE="$OUT/database.sqlite3""#,
    incremental: false,
    slow: false,
};

const RESTIC: Contestant = Contestant {
    name: "VACUUM INTO + restic",
    prepare: r#"restic -q init"#,
    backup: r#"sqlite3 "$SITE/database.sqlite3" "VACUUM INTO '$STAGE/database.sqlite3'"
        restic -q backup "$STAGE" "$SITE/media"; rm "$STAGE/database.sqlite3""#,
    beside: "",
    verify: "restic -q check --read-data",
    restore: r#"restic -q restore latest --target "$OUT"; DATABASE="$OUT$STAGE/database.sqlite3""#,
    incremental: true,
    slow: false,
};

const BORG: Contestant = Contestant {
    name: "VACUUM INTO + borg",
    prepare: "borg init --encryption none",
    backup: r#"sqlite3 "$SITE/database.sqlite3" "VACUUM INTO '$STAGE/database.sqlite3'"
        borg create '::{now:%s.%f}' "$STAGE" "$SITE/media"; rm "$STAGE/database.sqlite3""#,
    beside: "",
    verify: "borg check --verify-data",
    restore: r#"cd "$OUT"; borg extract "::$(borg list --last 1 --short)"; DATABASE="$OUT$STAGE/database.sqlite3""#,
    incremental: true,
    slow: false,
};

impl Contestant {
    pub(crate) const OTHERS: [Self; 4] = [PIGZ, RESTIC, BORG, TAR];

    pub(crate) fn restore_and_check(&self) -> String {
        // Ours has checked it when it says that it is done.
        if self.restore.contains("DATABASE=") { format!("{}\n{CHECK}", self.restore) } else { self.restore.to_owned() }
    }
}

/// Ours in its ways; `$BACKUPD` runs in `$HERE`, where its settings lie, and `$BENCH` is this program.
pub(crate) const OURS: [Contestant; 4] = [
    ours("magnetiq gzip linked", create!("gzip linked")),
    ours("magnetiq gzip full", create!("gzip full")),
    ours("magnetiq zstd linked", create!("zstd linked")),
    ours("magnetiq zstd full", create!("zstd full")),
];

const fn ours(name: &'static str, backup: &'static str) -> Contestant {
    Contestant {
        name,
        prepare: "true",
        backup,
        beside: r#"cd "$HERE"; "$BACKUPD" once"#,
        verify: r#"cd "$HERE"; "$BACKUPD" verify latest"#,
        restore: r#"cd "$HERE"; "$BACKUPD" restore latest --to "$OUT" --yes"#,
        incremental: true,
        slow: false,
    }
}
