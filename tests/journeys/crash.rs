//! `kill -9` while fifty people work: nothing that was acknowledged is lost, no letter is lost, and nothing is done twice.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_tests::{Client, Folder, Random, Server, SmtpServer};
use serde_json::{Value, json};

const CLIENTS: usize = 50;
/// These invite people, each by a letter; the others write pages.
const INVITING: usize = 5;
/// Writes that are acknowledged before the server may be killed.
const WRITES: usize = 60;

#[test]
fn nothing_is_lost_and_nothing_is_done_twice() {
    killed(4);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_nothing_is_lost_and_nothing_is_done_twice() {
    killed(60);
}

/// What one of them does: a page or an invitation, with a key of its own, so that it may be sent again.
#[derive(Clone, Debug)]
struct Work {
    path: &'static str,
    body: Value,
    key: String,
}

impl Work {
    fn new(client: usize, n: usize) -> Self {
        let key = format!("{client}-{n}");
        if client < INVITING {
            let body = json!({ "email": format!("guest{key}@example.com"), "name": format!("Guest {key}"), "role": "viewer" });
            Self { path: "/api/v1/admin/accounts", body, key }
        } else {
            let body = json!({ "title": format!("Page {key}"), "body": format!("text of {key}") });
            Self { path: "/api/v1/admin/pages", body, key }
        }
    }

    /// The status, or nothing where the server was gone before it had answered.
    fn send(&self, ana: &Client) -> Option<u16> {
        let headers = [("content-type", "application/json"), ("idempotency-key", self.key.as_str())];
        let (status, _, text) = ana.send("POST", self.path, &headers, self.body.to_string().as_bytes()).ok()?;
        assert!([201, 409].contains(&status), "{self:?}: {status} {text}");
        Some(status)
    }
}

/// What is known of all that was sent.
#[derive(Debug, Default)]
struct Book {
    /// Answered with 201.
    done: Vec<Work>,
    /// Not answered, or answered that nobody knows: done once or not at all.
    open: Vec<Work>,
}

fn killed(rounds: usize) {
    let Some(smtp) = SmtpServer::start() else { return };
    let folder = Folder::new();
    folder.settings(&format!(
        "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[auth]\nlogin_attempts_per_minute = 10000\n[mail]\n\
         smtp_host = \"127.0.0.1\"\nsmtp_port = {}\nsmtp_tls = \"none\"\nfrom = \"site@example.com\"\nretry_first_s = 1\nretry_max_s = 2\n",
        smtp.port()
    ));
    let mut random = Random::new(crate::proof::seed());
    let book = Mutex::new(Book::default());
    let mut server = Server::start_new(&folder);
    let mut again = 0;
    for round in 0..rounds {
        let ana = server.sign_in();
        // What was not answered is sent once more, as programs do it.
        let open = std::mem::take(&mut book.lock().unwrap().open);
        again += open.len();
        for work in open {
            let status = work.send(&ana).unwrap();
            let mut book = book.lock().unwrap();
            if status == 201 { book.done.push(work) } else { book.open.push(work) }
        }
        let pause = Duration::from_micros(random.below(200_000));
        work_until_killed(server, &ana, round, pause, &book);
        server = Server::start(&folder);
    }
    let book = book.into_inner().unwrap();
    let letters = look(&folder, server, &book);
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for letter in smtp.letters() {
        *arrived.entry(message_id(&letter)).or_default() += 1;
    }
    assert!(letters.iter().all(|id| arrived.contains_key(id)), "a letter was lost");
    let twice: usize = arrived.values().map(|times| times - 1).sum();
    eprintln!(
        "{rounds} kills: {} requests acknowledged, {again} sent again, {} never known; {} letters, {twice} of them twice",
        book.done.len(),
        book.open.len(),
        letters.len()
    );
    assert!(twice <= rounds, "{twice} letters came twice; one is under way at each kill");
}

/// All of them work until the server is killed, at some moment after enough was acknowledged.
fn work_until_killed(server: Server, ana: &Client, round: usize, pause: Duration, book: &Mutex<Book>) {
    let written = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let written = &written;
            scope.spawn(move || {
                for n in 0.. {
                    let work = Work::new(client, round * 100_000 + n);
                    match work.send(ana) {
                        Some(201) => book.lock().unwrap().done.push(work),
                        Some(status) => panic!("{work:?}: {status}"),
                        None => return book.lock().unwrap().open.push(work),
                    }
                    written.fetch_add(1, Ordering::Relaxed);
                    if client < INVITING {
                        // Letters are handed over one after the other.
                        std::thread::sleep(Duration::from_millis(100));
                    }
                }
            });
        }
        while written.load(Ordering::Relaxed) < WRITES {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(pause);
        server.kill();
    });
}

/// Waits until all letters are handed over, and compares the database with the book. Gives the letters of the outbox.
fn look(folder: &Folder, server: Server, book: &Book) -> Vec<String> {
    let ana = server.sign_in();
    let begin = Instant::now();
    while ["queued", "leased"].iter().any(|state| {
        let (status, list) = ana.get(&format!("/api/v1/outbox?state={state}")).unwrap();
        assert_eq!(status, 200, "{list}");
        list["items"].as_array().is_some_and(|items| !items.is_empty())
    }) {
        assert!(begin.elapsed() < Duration::from_secs(600), "letters still wait after ten minutes");
        std::thread::sleep(Duration::from_millis(200));
    }
    server.kill();
    let database = Connection::open_with_flags(folder.database(), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let list = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let count = |sql: &str| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        list(sql).into_iter().for_each(|key| *counts.entry(key).or_default() += 1);
        counts
    };
    let pages = count("SELECT title || '/' || body FROM page");
    let (guests, invitations) = (count("SELECT email FROM account"), count("SELECT target FROM outbox WHERE template = 'invitation'"));
    let times = |work: &Work| match work.body["email"].as_str() {
        None => pages.get(&format!("{}/{}", work.body["title"].as_str().unwrap(), work.body["body"].as_str().unwrap())).copied(),
        Some(email) => {
            assert_eq!(guests.get(email), invitations.get(email), "{email}: an account and its letter are written together");
            guests.get(email).copied()
        }
    };
    for work in &book.done {
        assert_eq!(times(work), Some(1), "{work:?} was acknowledged");
    }
    for work in &book.open {
        assert!(times(work).unwrap_or_default() <= 1, "{work:?} was done twice");
    }
    let known = book.done.len() + book.open.iter().filter(|work| times(work).is_some()).count();
    // Ana has an account, too.
    assert_eq!(pages.values().sum::<usize>() + guests.values().sum::<usize>(), known + 1, "somebody wrote what nobody sent");
    assert_eq!(list("PRAGMA quick_check"), ["ok"]);
    assert_eq!(list("SELECT id FROM outbox WHERE state <> 'sent'"), [""; 0]);
    // The search index has every page, and no other, once it has those that wait for it.
    let add = "INSERT INTO page_search (rowid, title, summary, plain) SELECT number, title, summary, plain FROM page
        WHERE number IN (SELECT number FROM page_search_waiting)";
    database.execute(add, []).unwrap();
    database.execute("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)", []).unwrap();
    list("SELECT id FROM outbox")
}

fn message_id(letter: &str) -> String {
    letter.split("Message-ID: <").nth(1).unwrap().split('@').next().unwrap().to_owned()
}
