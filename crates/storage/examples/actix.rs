//! An actix-web service. `cargo run --example actix`, then `curl -d 'buy ink' localhost:3001/notes` and `curl localhost:3001/notes`.
//!
//! Each worker thread has a clone of the store, and all of them are the same one: one thread writes, whatever the number of workers.

use actix_web::web::{Data, get, post};
use actix_web::{App, HttpResponse, HttpServer};
use magnetiq_storage::{Error, Options, Store};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let store =
        Store::open(std::env::temp_dir().join("magnetiq-actix/notes.sqlite3"), Options::default()).map_err(std::io::Error::other)?;
    let schema = "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)";
    store.write(|tx| Ok(tx.execute_batch(schema)?)).await.map_err(std::io::Error::other)?;
    let shared = store.clone();
    let service = move || App::new().app_data(Data::new(shared.clone())).route("/notes", get().to(list)).route("/notes", post().to(add));
    HttpServer::new(service).bind(("127.0.0.1", 3001))?.run().await?;
    store.close().map_err(std::io::Error::other)
}

async fn list(store: Data<Store>) -> HttpResponse {
    let notes = store.read(|conn| {
        let mut statement = conn.prepare_cached("SELECT text || char(10) FROM note ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(rows.collect::<Result<String, _>>()?)
    });
    notes.await.map_or_else(|e| failed(&e), |text| HttpResponse::Ok().body(text))
}

async fn add(store: Data<Store>, text: String) -> HttpResponse {
    let write = store.write(move |tx| {
        tx.prepare_cached("INSERT INTO note (text) VALUES (?1)")?.execute([text])?;
        Ok(tx.last_insert_rowid())
    });
    // Answered when the note is on disk.
    write.await.map_or_else(|e| failed(&e), |id| HttpResponse::Created().body(id.to_string()))
}

fn failed(error: &Error) -> HttpResponse {
    if error.is_retryable() { HttpResponse::ServiceUnavailable().finish() } else { HttpResponse::InternalServerError().finish() }
}
