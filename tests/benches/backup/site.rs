//! A site made from nothing, the same at each run: a database of prose with indexes, and media of which most bytes do not compress.

use std::{
    fs,
    path::{Path, PathBuf},
};

use magnetiq_storage::rusqlite::{Connection, Transaction, params};
use magnetiq_tests::Random;
use sha2::{Digest, Sha256};

use crate::prose::Prose;

/// `MAGQ`, as the files of the server have it.
const APPLICATION_ID: i32 = magnetiq_config::APPLICATION_ID;

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) pages: u64,
    pub(crate) users: u64,
    /// Files of random bytes that begin as JPEG does.
    pub(crate) pictures: u64,
    /// SVG, HTML and text.
    pub(crate) texts: u64,
}

impl Size {
    /// 1.1 GB of database, 300 MB of media in 2,040 files.
    pub(crate) const FULL: Self = Self { pages: 290_000, users: 5_000, pictures: 640, texts: 1_400 };

    pub(crate) fn tenth(self) -> Self {
        Self { pages: self.pages / 10, users: self.users / 10, pictures: self.pictures / 10, texts: self.texts / 10 }
    }
}

/// Where the site lies.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    size: Size,
}

const SCHEMA: &str = "
    CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
    CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    CREATE TABLE page (
        id INTEGER PRIMARY KEY, slug TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL,
        author_id INTEGER NOT NULL REFERENCES user, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE page_tag (
        page_id INTEGER NOT NULL REFERENCES page, tag_id INTEGER NOT NULL REFERENCES tag, PRIMARY KEY (page_id, tag_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE media (
        id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, name TEXT NOT NULL, media_type TEXT NOT NULL, size_bytes INTEGER NOT NULL
    ) STRICT;";

/// After the rows: that is quicker, and leaves indexes as a rebuilt database has them.
const INDEXES: &str = "
    CREATE UNIQUE INDEX page_by_slug ON page (slug);
    CREATE INDEX page_by_title ON page (title);
    CREATE INDEX page_by_author ON page (author_id, updated_at);
    CREATE INDEX page_by_status ON page (status, updated_at);
    CREATE INDEX page_by_created ON page (created_at);
    CREATE INDEX page_by_tag ON page_tag (tag_id, page_id);
    CREATE INDEX media_by_type ON media (media_type, size_bytes);";

const BEGINNING_MS: u64 = 1_700_000_000_000;

impl Site {
    pub(crate) fn generate(folder: &Path, size: Size) -> Self {
        let site = Self { folder: folder.to_owned(), size };
        fs::create_dir_all(site.media()).unwrap();
        let mut conn = Connection::open(site.database()).unwrap();
        conn.execute_batch("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")
            .unwrap();
        conn.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        conn.execute_batch(SCHEMA).unwrap();
        let tx = conn.transaction().unwrap();
        site.fill(&tx);
        tx.commit().unwrap();
        conn.execute_batch(INDEXES).unwrap();
        conn.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        conn.close().unwrap();
        site
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("database.sqlite3")
    }

    pub(crate) fn media(&self) -> PathBuf {
        self.folder.join("media")
    }

    fn fill(&self, tx: &Transaction) {
        let (mut prose, mut random) = (Prose::new(1), Random::new(2));
        for user in 1..=self.size.users {
            let name = prose.title();
            tx.prepare_cached("INSERT INTO user VALUES (?1, ?2, ?3, ?4)")
                .unwrap()
                .execute(params![user, format!("user-{user}@example.com"), name, BEGINNING_MS + user])
                .unwrap();
        }
        for tag in 1..=500_u64 {
            tx.execute("INSERT INTO tag VALUES (?1, ?2)", params![tag, prose.title()]).unwrap();
        }
        for page in 1..=self.size.pages {
            let created = BEGINNING_MS + page * 60_000 + random.below(60_000);
            let status = if random.below(10) == 0 { "draft" } else { "published" };
            let words = 220 + random.below(600);
            tx.prepare_cached("INSERT INTO page VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
                .unwrap()
                .execute(params![
                    page,
                    format!("page-{page}"),
                    prose.title(),
                    prose.text(words),
                    status,
                    random.below(self.size.users) + 1,
                    created,
                    created + random.below(1 << 30),
                ])
                .unwrap();
            for _ in 0..random.below(3) {
                let tag = random.below(500) + 1;
                tx.prepare_cached("INSERT OR IGNORE INTO page_tag VALUES (?1, ?2)").unwrap().execute([page, tag]).unwrap();
            }
        }
        for n in 0..self.size.pictures {
            self.picture(tx, &mut random, n);
        }
        for n in 0..self.size.texts {
            self.text(tx, &mut prose, &mut random, n);
        }
    }

    /// Rewrites one page of a hundred, and adds as many media: what a busy day changes.
    pub(crate) fn change(&self) {
        let (mut prose, mut random) = (Prose::new(3), Random::new(4));
        let mut conn = Connection::open(self.database()).unwrap();
        let tx = conn.transaction().unwrap();
        for _ in 0..self.size.pages / 100 {
            let page = random.below(self.size.pages) + 1;
            let words = 220 + random.below(600);
            tx.prepare_cached("UPDATE page SET body = ?2, updated_at = updated_at + 100000000 WHERE id = ?1")
                .unwrap()
                .execute(params![page, prose.text(words)])
                .unwrap();
        }
        for n in 0..(self.size.pictures + self.size.texts) / 100 {
            self.picture(&tx, &mut random, self.size.pictures + n);
        }
        tx.commit().unwrap();
        conn.close().unwrap();
    }

    fn picture(&self, tx: &Transaction, random: &mut Random, n: u64) {
        let bytes = 200_000 + random.below(203_000);
        let mut data: Vec<u8> = b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec();
        data.extend((0..bytes / 8).flat_map(|_| random.number().to_le_bytes()));
        self.add(tx, &data, &format!("picture-{n}.jpg"), "image/jpeg");
    }

    fn text(&self, tx: &Transaction, prose: &mut Prose, random: &mut Random, n: u64) {
        let words = 6_000 + random.below(10_000);
        let (data, extension, media_type) = match n % 3 {
            0 => (drawing(random, words / 2), "svg", "image/svg+xml"),
            1 => (
                format!("<!doctype html><html><body><p>{}</p></body></html>", prose.text(words).replace("\n\n", "</p>\n<p>")),
                "html",
                "text/html",
            ),
            _ => (prose.text(words), "txt", "text/plain"),
        };
        self.add(tx, data.as_bytes(), &format!("text-{n}.{extension}"), media_type);
    }

    fn add(&self, tx: &Transaction, data: &[u8], name: &str, media_type: &str) {
        let sha256 = hex::encode(Sha256::digest(data));
        let (folder, file) = sha256.split_at(2);
        fs::create_dir_all(self.media().join(folder)).unwrap();
        fs::write(self.media().join(folder).join(file), data).unwrap();
        tx.execute(
            "INSERT INTO media (sha256, name, media_type, size_bytes) VALUES (?1, ?2, ?3, ?4)",
            params![sha256, name, media_type, data.len()],
        )
        .unwrap();
    }
}

fn drawing(random: &mut Random, points: u64) -> String {
    let mut text = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 1000\">\n<path d=\"M0 0");
    for _ in 0..points {
        let [x, y] = [random.below(10_000), random.below(10_000)];
        text.push_str(&format!(" L{}.{} {}.{}", x / 10, x % 10, y / 10, y % 10));
    }
    text.push_str("\"/>\n</svg>\n");
    text
}
