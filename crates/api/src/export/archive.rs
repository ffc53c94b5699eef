//! `/api/v1/admin/export`: the same folder as one file, for those who do not sit at the machine.

use std::{
    fs,
    io::{self, Write},
};

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, ContentEncoding},
    rt,
    web::{Bytes, Data},
};
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use tokio::sync::mpsc;

use super::{Content, files};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    clock::Time,
    error::Error,
    http::problem::Problem,
    state::AppState,
};

/// Parts that wait for a slow client; it holds up the one thread that writes, and no more memory than this.
const PARTS_WAITING: usize = 4;
const PART_BYTES: usize = 64 * 1024;

/// The whole site as a folder of Markdown and files (`.tar.gz`), as an import takes it. It comes as it is made; one that ends early is broken.
#[utoipa::path(operation_id = "export_site", tag = "admin", responses(
    (status = 200, body = Vec<u8>, content_type = "application/gzip"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/export")]
pub(crate) async fn download(caller: Caller, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let noted = state.write_if_possible(move |tx| audit::record(tx, &Actor::from(&caller), Change::of("site.export", "site", "site"), now));
    noted.await?;
    let (sender, mut parts) = mpsc::channel::<Result<Bytes, Error>>(PARTS_WAITING);
    rt::spawn({
        let (state, failed) = (state.clone(), sender.clone());
        async move {
            let (store, media) = (state.store.clone(), state.media.clone());
            let written = state.exports.run(move || write(&store, &media, sender, now)).await.and_then(|written| written);
            if let Err(error) = written {
                // A client that went away hears nothing of it.
                let _ = failed.send(Err(error)).await;
            }
        }
    });
    // Before anything is promised: whether there is a beginning.
    let first = parts.recv().await.ok_or(Error::Overloaded { what: "exports" })??;
    let rest = stream::unfold(parts, |mut parts| async { parts.recv().await.map(|part| (part, parts)) });
    let name = format!("site-{}.tar.gz", now.to_string().get(..10).unwrap_or_default());
    Ok(HttpResponse::Ok()
        .content_type("application/gzip")
        .insert_header(ContentEncoding::Identity)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(futures_util::StreamExt::chain(stream::once(async { Ok::<_, Error>(first) }), rest)))
}

fn write(
    store: &magnetiq_storage::Store,
    media: &crate::media::folder::MediaFolder,
    sender: mpsc::Sender<Result<Bytes, Error>>,
    now: Time,
) -> Result<(), Error> {
    let failed = |source| Error::File { action: "write to", path: "the export".into(), source };
    let out = io::BufWriter::with_capacity(PART_BYTES, Parts(sender));
    let mut archive = tar::Builder::new(GzEncoder::new(out, Compression::fast()));
    files::each(store, media, &mut |path, content| {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_mtime(u64::try_from(now.as_millis() / 1000).unwrap_or(0));
        let path = format!("site/{path}");
        let added = match content {
            Content::Text(text) => {
                header.set_size(text.len() as u64);
                archive.append_data(&mut header, path, text.as_bytes())
            }
            Content::Media { path: file, .. } => match fs::File::open(&file).and_then(|file| Ok((file.metadata()?.len(), file))) {
                // Deleted since its row was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error),
                Ok((size_bytes, file)) => {
                    header.set_size(size_bytes);
                    archive.append_data(&mut header, path, file)
                }
            },
        };
        added.map_err(failed)
    })?;
    let out = archive.into_inner().and_then(GzEncoder::finish).map_err(failed)?;
    out.into_inner().map(drop).map_err(|error| failed(error.into_error()))
}

/// What is written goes to the client, part by part.
struct Parts(mpsc::Sender<Result<Bytes, Error>>);

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = Bytes::copy_from_slice(bytes);
        self.0.blocking_send(Ok(part)).map_err(|_gone| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
