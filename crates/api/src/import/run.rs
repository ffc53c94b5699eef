//! The import itself: read every file, then write page after page.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Component, Path, PathBuf},
};

use magnetiq_storage::Tx;
use walkdir::WalkDir;

use super::{
    Finding, Outcome, Progress, Report, archive,
    document::{self, Document},
    exported::is_of_media,
    links,
    write::{self, Ended, Imported},
};
use crate::{
    audit::{self, Actor, Change},
    error::{Error, human_size},
    http::problem::chain,
    media::{self, Media},
    pages::languages::Languages,
    state::AppState,
};

/// What a file may have besides the text, which is no longer than what the site takes.
const FRONT_MATTER_BYTES: usize = 16 * 1024;

/// Imports every Markdown file of `from`, and the files that they link to. `from` is a folder, or one in a `.tar.gz`, which is unpacked into the
/// folder of the system for what is temporary.
///
/// # Errors
///
/// When the folder or the archive can't be read or the store fails. What is wrong with single files is in the report.
pub fn import(state: &AppState, from: &Path, progress: impl FnMut(Progress<'_>)) -> Result<Report, Error> {
    let root = from.canonicalize().map_err(|source| Error::File { action: "read", path: from.to_owned(), source })?;
    if root.is_dir() {
        return import_folder(state, root, progress);
    }
    let unpacked = archive::unpack(&root)?;
    import_folder(state, unpacked.folder, progress)
}

/// `root` has no symbolic links in its path.
fn import_folder(state: &AppState, root: PathBuf, mut progress: impl FnMut(Progress<'_>)) -> Result<Report, Error> {
    let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let languages = Languages::new(&state.live.current().settings.site);
    let mut import = Import { state, root, name, languages, report: Report::default(), slugs: HashMap::new(), media: HashMap::new() };
    let documents = import.read_all()?;
    if documents.iter().any(|document| document.front.exact) {
        import.bring_exported()?;
    }
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
    import.bring_menus()?;
    import.report.findings.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(import.report)
}

pub(super) struct Import<'a> {
    pub(super) state: &'a AppState,
    /// The folder, without symbolic links in its path.
    pub(super) root: PathBuf,
    /// The folder's own name: files of the same path in two folders are two sources.
    name: String,
    pub(super) languages: Languages,
    pub(super) report: Report,
    /// The page's address of each Markdown file.
    slugs: HashMap<PathBuf, String>,
    /// The address of each file that was brought in; `None` where it could not be.
    media: HashMap<PathBuf, Option<String>>,
}

impl Import<'_> {
    pub(super) fn find(&mut self, file: &Path, line: Option<usize>, message: impl Into<String>, fatal: bool) {
        self.report.findings.push(Finding { file: file.to_owned(), line, message: message.into(), fatal });
    }

    /// Reads every Markdown file, so that links among them can be followed whatever their order.
    fn read_all(&mut self) -> Result<Vec<Document>, Error> {
        let mut by_slug: BTreeMap<String, PathBuf> = BTreeMap::new();
        let (mut documents, mut drafts) = (Vec::new(), Vec::new());
        let root = self.root.clone();
        let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.') || name == "node_modules";
        let of_media = |path: &Path| path.strip_prefix(&root).is_ok_and(is_of_media);
        let walk = WalkDir::new(&self.root).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !hidden(entry.file_name()) && !of_media(entry.path())) {
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
            if bytes.len() > limit_bytes + FRONT_MATTER_BYTES {
                let message = format!("is larger than {}, and could not be edited on the site", human_size(limit_bytes as u64));
                self.find(&source, None, message, true);
                continue;
            }
            match document::parse(&source, &bytes) {
                Err(mistake) => self.find(&source, Some(mistake.line), mistake.message, true),
                Ok(document) if document.front.draft_of.is_some() => drafts.push(document),
                Ok(mut document) => {
                    if let Err(message) = self.place(&mut document) {
                        self.find(&source, Some(1), message, true);
                    } else if let Some(other) = by_slug.get(&document.slug) {
                        let message = format!("its address /{} is that of {} already", document.slug, other.display());
                        self.find(&source, Some(1), message, true);
                    } else {
                        by_slug.insert(document.slug.clone(), source.clone());
                        self.slugs.insert(source, document.slug.clone());
                        documents.push(document);
                    }
                }
            }
        }
        for draft in drafts {
            match documents.iter_mut().find(|document| document.front.id == draft.front.draft_of) {
                Some(document) => document.draft = Some(Box::new(draft)),
                None => self.find(&draft.source, Some(1), "the page that it is the draft of is not in the imported folder", true),
            }
        }
        Ok(documents)
    }

    /// Puts a page where those of its language are; says why it can't be there. A language that the site does not have is passed over in what
    /// others wrote, and is a mistake in an export.
    fn place(&mut self, document: &mut Document) -> Result<(), String> {
        let text = |error: Error| match error {
            Error::Invalid(problems) => problems.into_iter().map(|problem| problem.detail).collect::<Vec<_>>().join(" "),
            other => other.to_string(),
        };
        let language = match self.languages.wanted(document.front.language.as_deref()) {
            Ok(language) => language,
            Err(error) if document.front.exact => return Err(text(error)),
            Err(error) => {
                self.find(&document.source, Some(1), text(error), false);
                String::new()
            }
        };
        document.slug = self.languages.place(&document.slug, &language, None).map_err(text)?;
        document.front.language = Some(language);
        Ok(())
    }

    fn write(&mut self, document: &Document) -> Result<Option<Outcome>, Error> {
        let body = if document.front.exact { document.body.clone() } else { self.rewrite_links(document)? };
        let page = Imported::new(document, body, &self.name, &self.languages);
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                self.find(&document.source, Some(1), chain(&error), true);
                return Ok(None);
            }
        };
        let source = format!("{}/{}", self.name, document.source.to_string_lossy().replace('\\', "/"));
        let (now, languages) = (self.state.clock.now(), self.languages.clone());
        let written = self.state.store.write(move |tx| Ok(write::page(tx, &source, page, &languages, now)?)).wait()?;
        match written {
            Ended::Done(outcome) => Ok(Some(outcome)),
            Ended::Refused(message) => {
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
    pub(super) fn has_file(&self, target: &Path) -> bool {
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

    pub(super) fn bring_new(&mut self, target: &Path) -> Result<String, Error> {
        let path = self.root.join(target);
        let folder = &self.state.media;
        let mut file = fs::File::open(&path).map_err(|source| Error::File { action: "open", path: path.clone(), source })?;
        // An export has what came in parts, too.
        let limit_bytes = self.state.live.current().settings.media.upload_limit_bytes;
        let mut incoming = folder.receive_up_to(limit_bytes.max(self.state.settings.media.resumable_limit_bytes))?;
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
        let bring = move |tx: &Tx| -> Result<Media, Error> {
            let media = media::rows::insert(tx, &insert, now)?;
            audit::record(tx, &Actor::command_line(), Change::of("media.create", media.id, &media.name).to(&media)?, now)?;
            Ok(media)
        };
        let media = self.state.store.write(move |tx| Ok(bring(tx)?)).wait()?;
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
