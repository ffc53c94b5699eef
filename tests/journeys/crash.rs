//! `kill -9` while people write.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_tests::{Folder, Server};
use serde_json::json;

const CLIENTS: usize = 50;
/// Writes that are acknowledged before the server is killed.
const WRITES: usize = 400;

#[test]
fn every_acknowledged_write_survives_a_kill() {
    let folder = Folder::new();
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    let written = AtomicUsize::new(0);
    let acknowledged: Vec<String> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (ana, written) = (ana.clone(), &written);
                scope.spawn(move || {
                    let mut ids = Vec::new();
                    for n in 0.. {
                        let page = json!({ "title": format!("Page {client}-{n}"), "body": format!("text of {client}-{n}") });
                        match ana.post("/api/v1/admin/pages", &page) {
                            Ok((201, page)) => ids.push(page["id"].as_str().unwrap().to_owned()),
                            Ok((status, answer)) => panic!("{status} {answer}"),
                            Err(_) => return ids,
                        }
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                    ids
                })
            })
            .collect();
        while written.load(Ordering::Relaxed) < WRITES {
            std::thread::sleep(Duration::from_millis(2));
        }
        server.kill();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert!(acknowledged.len() >= WRITES);

    let server = Server::start(&folder);
    let ana = server.sign_in();
    for id in &acknowledged {
        let (status, page) = ana.get(&format!("/api/v1/admin/pages/{id}")).unwrap();
        assert_eq!(status, 200, "{id} was acknowledged and is gone");
        let name = page["title"].as_str().unwrap().strip_prefix("Page ").unwrap().to_owned();
        assert_eq!(page["body"], format!("text of {name}"), "{id} is half there");
    }
    server.kill();
    let database = Connection::open_with_flags(folder.database(), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    assert_eq!(database.query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
    // the search index has every page, and no other
    database.execute("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)", []).unwrap();
}
