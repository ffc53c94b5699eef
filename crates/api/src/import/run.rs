//! The import itself: read every file, then write page after page.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Component, Path, PathBuf},
};

use magnetiq_storage::{
    Tx,
    rusqlite::{OptionalExtension, named_params, params},
};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use super::{
    Finding, Outcome, Progress, Report,
    document::{self, Document},
    links,
};
use crate::{
    clock::Time,
    error::{Error, human_size},
    http::problem::chain,
    id::PageId,
    media,
    pages::{
        Details, Edit, Status, Written, markdown, publishing,
        revisions::{Change, Reason},
        rows,
    },
    state::AppState,
};

/// Imports every Markdown file of `folder`, and the files that they link to.
///
/// # Errors
///
/// When the folder can't be read or the store fails. What is wrong with single files is in the report.
pub fn import(state: &AppState, folder: &Path, mut progress: impl FnMut(Progress<'_>)) -> Result<Report, Error> {
    let root = folder.canonicalize().map_err(|source| Error::File { action: "read", path: folder.to_owned(), source })?;
    let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut import = Import { state, root, name, report: Report::default(), slugs: HashMap::new(), media: HashMap::new() };
    let documents = import.read_all()?;
    let total = documents.len();
    for (done, document) in documents.iter().enumerate() {
        progress(Progress { done, total, file: &document.source });
        match import.write(document)? {
            Some(Outcome::Created) => import.report.created += 1,
            Some(Outcome::Updated) => import.report.updated += 1,
            Some(Outcome::Unchanged) => import.report.unchanged += 1,
            None => {}
        }
    }
    import.report.findings.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(import.report)
}

struct Import<'a> {
    state: &'a AppState,
    /// The folder, without symbolic links in its path.
    root: PathBuf,
    /// The folder's own name: files of the same path in two folders are two sources.
    name: String,
    report: Report,
    /// The page's address of each Markdown file.
    slugs: HashMap<PathBuf, String>,
    /// The address of each file that was brought in; `None` where it could not be.
    media: HashMap<PathBuf, Option<String>>,
}

impl Import<'_> {
    fn find(&mut self, file: &Path, line: Option<usize>, message: impl Into<String>, fatal: bool) {
        self.report.findings.push(Finding { file: file.to_owned(), line, message: message.into(), fatal });
    }

    /// Reads every Markdown file, so that links among them can be followed whatever their order.
    fn read_all(&mut self) -> Result<Vec<Document>, Error> {
        let mut by_slug: BTreeMap<String, PathBuf> = BTreeMap::new();
        let mut documents = Vec::new();
        let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.') || name == "node_modules";
        let walk = WalkDir::new(&self.root).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !hidden(entry.file_name())) {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(&self.root).to_owned();
                Error::File { action: "read", path, source: error.into() }
            })?;
            let is_markdown = entry
                .path()
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("md") || extension.eq_ignore_ascii_case("markdown"));
            if !entry.file_type().is_file() || !is_markdown {
                continue;
            }
            let source = entry.path().strip_prefix(&self.root).unwrap_or(entry.path()).to_owned();
            let bytes = match fs::read(entry.path()) {
                Ok(bytes) => bytes,
                Err(error) => {
                    self.find(&source, None, format!("can't be read: {error}"), true);
                    continue;
                }
            };
            let limit_bytes = self.state.settings.server.json_limit_bytes;
            if bytes.len() > limit_bytes {
                let message = format!("is larger than {}, and could not be edited on the site", human_size(limit_bytes as u64));
                self.find(&source, None, message, true);
                continue;
            }
            match document::parse(&source, &bytes) {
                Err(mistake) => self.find(&source, Some(mistake.line), mistake.message, true),
                Ok(document) => match by_slug.get(&document.slug) {
                    Some(other) => {
                        let message = format!("its address /{} is that of {} already", document.slug, other.display());
                        self.find(&source, Some(1), message, true);
                    }
                    None => {
                        by_slug.insert(document.slug.clone(), source.clone());
                        self.slugs.insert(source, document.slug.clone());
                        documents.push(document);
                    }
                },
            }
        }
        Ok(documents)
    }

    fn write(&mut self, document: &Document) -> Result<Option<Outcome>, Error> {
        let body = self.rewrite_links(document)?;
        let rendered = markdown::render(&body);
        let summary = document.summary.clone().unwrap_or_else(|| document::summary_of(&rendered.plain));
        let written = Written { slug: document.slug.clone(), title: document.title.clone(), summary, body };
        let written = match written.checked() {
            Ok(written) => written,
            Err(problems) => {
                self.find(&document.source, Some(1), chain(&Error::Invalid(problems)), true);
                return Ok(None);
            }
        };
        let status = if document.draft { Status::Draft } else { Status::Published };
        let page = Imported { edit: Edit { written, rendered, details: Details::default() }, status, published_at: document.date };
        let source = format!("{}/{}", self.name, document.source.to_string_lossy().replace('\\', "/"));
        let now = self.state.clock.now();
        let written = self.state.store.write(move |tx| Ok(write_page(tx, &source, &page, now)?)).wait()?;
        match written {
            Done::Done(outcome) => Ok(Some(outcome)),
            Done::Refused(message) => {
                self.find(&document.source, None, message, true);
                Ok(None)
            }
        }
    }

    /// Sends links to Markdown files to their pages and brings in the other files that are linked to.
    fn rewrite_links(&mut self, document: &Document) -> Result<String, Error> {
        let mut replacements = Vec::new();
        for link in links::find(&document.body) {
            let line = document.body_line + document.body[..link.range.start].matches('\n').count();
            let Some(target) = resolve(&document.source, &link.path) else {
                self.find(
                    &document.source,
                    Some(line),
                    format!("{} points out of the imported folder and was left as it is", link.path),
                    false,
                );
                continue;
            };
            let page =
                [target.clone(), target.join("index.md"), target.join("_index.md"), target.join("README.md"), target.with_extension("md")]
                    .iter()
                    .find_map(|candidate| self.slugs.get(candidate).cloned());
            if let Some(slug) = page {
                let address = if slug == "home" { "/".to_owned() } else { format!("/{slug}") };
                replacements.push((link.range, address + &link.rest));
            } else if self.has_file(&target) {
                match self.bring(&target)? {
                    Ok(url) => replacements.push((link.range, url + &link.rest)),
                    Err(message) => self.find(&document.source, Some(line), format!("{}: {message}", link.path), false),
                }
            } else {
                self.find(
                    &document.source,
                    Some(line),
                    format!("{} is not in the imported folder and was left as it is", link.path),
                    false,
                );
            }
        }
        Ok(links::replace(&document.body, &replacements))
    }

    /// A file of the folder, and not one elsewhere that a symbolic link leads to.
    fn has_file(&self, target: &Path) -> bool {
        self.root.join(target).canonicalize().is_ok_and(|path| path.is_file() && path.starts_with(&self.root))
    }

    /// Brings a file into the media folder, once; its address, or why it can't be taken.
    fn bring(&mut self, target: &Path) -> Result<Result<String, String>, Error> {
        if let Some(known) = self.media.get(target) {
            return Ok(known.clone().ok_or_else(|| "was refused above".into()));
        }
        let brought = self.bring_new(target);
        let (known, answer) = match brought {
            Ok(url) => (Some(url.clone()), Ok(url)),
            Err(error @ (Error::TooLarge { .. } | Error::UnsupportedMedia { .. } | Error::File { action: "open", .. })) => {
                (None, Err(chain(&error)))
            }
            Err(error) => return Err(error),
        };
        self.media.insert(target.to_owned(), known);
        Ok(answer)
    }

    fn bring_new(&mut self, target: &Path) -> Result<String, Error> {
        let path = self.root.join(target);
        let folder = &self.state.media;
        let mut file = fs::File::open(&path).map_err(|source| Error::File { action: "open", path: path.clone(), source })?;
        let mut incoming = folder.receive()?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let n =
                std::io::Read::read(&mut file, &mut buffer).map_err(|source| Error::File { action: "read", path: path.clone(), source })?;
            if n == 0 {
                break;
            }
            incoming.write(&buffer[..n])?;
        }
        let received = incoming.finish()?;
        let sha256 = received.about.sha256.clone();
        if let Some(media) = self.state.store.read(move |conn| Ok(media::rows::at_address(conn, &sha256)?)).wait()? {
            return Ok(media.url);
        }
        let insert = media::rows::Insert::new(&target.file_name().unwrap_or_default().to_string_lossy(), None, &received.about);
        folder.keep(received)?;
        let now = self.state.clock.now();
        let media = self.state.store.write(move |tx| Ok(media::rows::insert(tx, &insert, now)?)).wait()?;
        self.report.media += 1;
        Ok(media.url)
    }
}

/// The target of a link in `source`, relative to the imported folder; `None` when it leaves it.
fn resolve(source: &Path, link: &str) -> Option<PathBuf> {
    let mut path = source.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(link).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

/// What a file makes.
struct Imported {
    edit: Edit,
    status: Status,
    published_at: Option<Time>,
}

impl Imported {
    /// In one hash: the same hash again means that nothing is to be done.
    fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        let published_at = self.published_at.map(|time| time.as_millis().to_string()).unwrap_or_default();
        let Written { slug, title, summary, body } = &self.edit.written;
        for part in [slug, title, summary, body, self.status.as_str(), &published_at] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
        hex::encode(hasher.finalize())
    }
}

enum Done {
    Done(Outcome),
    /// Why the page was left alone.
    Refused(String),
}

fn write_page(tx: &Tx, source: &str, page: &Imported, now: Time) -> Result<Done, Error> {
    let hash = page.hash();
    let change = Change { author: None, reason: Reason::Imported, now };
    let slug = &page.edit.written.slug;
    let known: Option<(PageId, i64, String, i64)> = tx
        .prepare_cached(
            "SELECT page.id, page.revision, page_import.content_hash, page_import.page_revision
             FROM page_import JOIN page ON page.number = page_import.page_number WHERE source = ?",
        )?
        .query_row([source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let own = known.as_ref().map(|(id, ..)| *id);
    let is_taken = rows::id_of_slug(tx, slug)?.is_some_and(|id| Some(id) != own);
    let (id, outcome) = match known {
        Some((_, _, old, _)) if old == hash => return Ok(Done::Done(Outcome::Unchanged)),
        Some((_, revision, _, imported)) if revision != imported => {
            return Ok(Done::Refused("its page was edited here since the last import, and was left alone".into()));
        }
        _ if is_taken => return Ok(Done::Refused(format!("its address /{slug} is taken by another page"))),
        Some((id, ..)) => {
            publishing::replace(tx, id, &page.edit, change)?;
            (id, Outcome::Updated)
        }
        None => (rows::insert(tx, &page.edit, change)?, Outcome::Created),
    };
    publishing::set_status(tx, id, None, page.status, change)?;
    if let Some(date) = page.published_at {
        tx.execute("UPDATE page SET published_at = ?2 WHERE id = ?1", params![id, date])?;
    }
    tx.prepare_cached(
        "INSERT INTO page_import (source, page_number, content_hash, page_revision)
         SELECT :source, number, :hash, revision FROM page WHERE id = :id
         ON CONFLICT (source) DO UPDATE SET content_hash = excluded.content_hash, page_revision = excluded.page_revision",
    )?
    .execute(named_params! { ":source": source, ":id": id, ":hash": hash })?;
    Ok(Done::Done(outcome))
}
